"""Persian and English: messages, calendars, digits, direction.

The English sentence is the message id. Persian text stands in one ``messages/fa.po`` for each package folder.
"""
