"""Statistics of experiments, from additive sums alone and on the standard library alone.

`kernel` has the distributions, `sample` the sums of one variant, `estimates` what they say of it. `contrast` puts two
together, adjusted by `cuped` where there is something to adjust by. `difference`, `lift` and `guardrails` judge it by
one of the `yardsticks`: one look, a `sequential` one, or `group_sequential` looks. `small_counts` judges exactly;
`beliefs` are the posteriors of `bayes`, `best` compares many of them. `comparison` is all of it, as a `plan` says.
`srm` judges the split, `correction` many comparisons at once, `power` plans, and `notes` say why a number is missing.
"""
