"""The rows of the table, a module for each group of them: a function that yields each row when it is measured."""
