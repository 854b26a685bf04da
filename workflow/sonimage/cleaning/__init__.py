"""From text to typed values.

Enters: the text tables, the export map, the register of corrections.
Leaves: tables whose values have the types, units and levels of their schemas; a query for every value that cannot be read
or cannot well be true (`plausibility`); rows set aside with the reason. What one recorded value means stands here too:
words and codes, dates, clock times.
"""
