"""`make try-aws`: a recorded run of everything in a real AWS account, which leaves nothing."""
