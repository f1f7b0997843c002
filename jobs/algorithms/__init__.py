"""Pure computation under the names of the literature: values in, values out, no I/O."""
