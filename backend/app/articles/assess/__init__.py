"""Decides from several kinds of evidence whether a page is the article."""
