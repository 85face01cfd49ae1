"""The texts of mails, as who runs the place reads, changes and tries them."""
