# SPDX-License-Identifier: BSD-3-Clause
"""Does your code obey? Laws, contracts, and the search for counterexamples.

``check.check`` is the entry; ``law.py`` says how to add a law. The judge does not know the defendant:
nothing here imports ``lemmata.impl``.
"""
