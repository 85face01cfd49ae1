"""The base of contents: activities, texts, films and exercises that people share."""
