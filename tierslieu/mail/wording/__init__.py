"""What an administrator wrote into a mail: its subject, a word at the beginning, one at the end.

The rest of a mail (its links, dates, duties) is the template's and cannot be edited away.
"""
