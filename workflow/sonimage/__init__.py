"""Analysis of the SONImage study (NCT04125277); every rule of the protocol is a function of one of these modules."""

import pandas

# The behaviour of pandas 3: a frame shares its columns until one is changed, so no function can alter its argument.
pandas.options.mode.copy_on_write = True
