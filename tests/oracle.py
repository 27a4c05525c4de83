"""tea-tasting on one thread.

It takes each group's mean from its rows by a join, and pyarrow's join on several threads gives them back in any order:
about one run in six then had another variance.
"""

from __future__ import annotations

import pyarrow as pa
import tea_tasting as tt

pa.set_cpu_count(1)

__all__ = ["pa", "tt"]
