"""The rules of attention as those who run the place set them."""
