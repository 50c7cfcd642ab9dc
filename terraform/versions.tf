terraform {
  # 1.9 allows validations to use other variables, 1.10 locks a state in S3 without DynamoDB.
  required_version = ">= 1.10"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.100"
    }
  }
}
