"""The interface for programs: notebooks, and the platform on which cases are analysed.

Here: what is asked and answered, in JSON and in files, and its description.
Not here: which right an address needs (page/routes: the one table), guarding (page/app), pages.
"""
