# One bare host for HN Pal; Ansible installs everything on it.

locals {
  # Used in names and tags; the inventory finds the host by the Project tag.
  project = var.project

  data_may_go = var.destroy_data == "yes, delete all backups"
}

provider "aws" {
  region = var.region
  # With the default of 25, a zone without capacity delays an apply by a quarter of an hour.
  max_retries = 8

  default_tags {
    tags = {
      Project   = local.project
      ManagedBy = "terraform"
    }
  }
}

data "aws_caller_identity" "operator" {}
