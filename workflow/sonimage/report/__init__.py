"""From statistics to pages.

Enters: finished tables of stages 4 and 5.
Leaves: pages (notebooks run by papermill), figures with the numbers behind them, tables as people read them. Rounding and
words happen here and nowhere before.
"""
