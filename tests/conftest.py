# SPDX-License-Identifier: BSD-3-Clause
"""Hypothesis profiles: ``ci`` draws the same cases every time, ``dev`` new ones, ``nightly`` many more.

``HYPOTHESIS_PROFILE`` chooses one; otherwise it is ``ci`` where ``CI`` is set, and ``dev`` elsewhere.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, settings

_SLOW = (HealthCheck.too_slow,)  # the first draw compiles; machines that run tests are shared

settings.register_profile("ci", derandomize=True, deadline=None, database=None, suppress_health_check=_SLOW)
settings.register_profile("dev", deadline=None, suppress_health_check=_SLOW)
settings.register_profile("nightly", max_examples=2000, deadline=None, suppress_health_check=_SLOW)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))
