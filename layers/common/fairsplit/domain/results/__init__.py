"""From sums to the answer that results give.

`question` is what a reader asks, `figures` the numbers that it is about, at their `looks` where these are planned.
`judgements` corrects and judges the comparisons. `report`, `series` and `breakdown` show them; `progress` and `outlook`
say how far the experiment is, `decision` with its `reasons` what to do, `summary` all of that; `answers` writes JSON.
`sums_question` and `sums_analysis` do the same for sums that somebody brings, `power_question` plans.
"""
