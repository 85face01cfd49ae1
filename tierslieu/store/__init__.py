"""The files that every host of a place must see alike: one interface, a folder or a bucket."""
