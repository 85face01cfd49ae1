"""What answers say in numbers: reliability, shares, change, and whether there are enough of them.

Pure: no database, no page, no words for people, nothing but the standard library. What is
undefined is None, never NaN and never a ``ZeroDivisionError``. Nothing is hidden here: small
numbers are the business of ``../disclosure.py``.
"""
