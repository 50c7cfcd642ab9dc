# One bare host for HN Pal and nothing on it: everything from the first package on is Ansible's.

locals {
  # In names and tags; the inventory finds the host by the Project tag.
  project = "hnpal"

  data_may_go = var.destroy_data == "yes, delete all backups"
}

provider "aws" {
  region = var.region

  default_tags {
    tags = {
      Project   = local.project
      ManagedBy = "terraform"
    }
  }
}

data "aws_caller_identity" "operator" {}
