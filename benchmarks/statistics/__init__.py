"""`make simulate`: how often the statistics are right, in experiments whose truth is known.

`populations` says how the units of a variant behave, `judging` who judges their sums, `scenarios` which experiments
there are and what is promised of them; `simulating` does them, `table` and `plot` show them. `hillstrom` has real data.
"""
