"""The page that analysts work with: search and items in a browser, rendered on the server.

Here: routes and the right that each needs, sessions, what a page shows and in which words.
Not here: what a query finds (search), who somebody is and what they may do (people), reading evidence: workers do.
"""
