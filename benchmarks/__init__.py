"""Measures what is promised, side by side with others where there are any."""

import api as api  # as in every process of ours, linear algebra has one thread
