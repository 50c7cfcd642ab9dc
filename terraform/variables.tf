variable "admin_cidr" {
  description = "Network that may reach SSH, such as 203.0.113.7/32. Nobody else can."
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.admin_cidr))
    error_message = "admin_cidr must be an IPv4 network in CIDR notation. For a single address add /32: 203.0.113.7/32."
  }

  validation {
    condition     = try(tonumber(split("/", var.admin_cidr)[1]) >= 8, false)
    error_message = "admin_cidr must not open SSH to the world: the prefix has to be /8 or longer, and /32 is one address."
  }

  validation {
    # AWS would store the network's own address, and every later plan would want to change it back.
    condition     = try(cidrhost(var.admin_cidr, 0) == split("/", var.admin_cidr)[0], false)
    error_message = "admin_cidr must start with the network's own address, such as 203.0.113.0/24 and not 203.0.113.7/24."
  }
}

variable "key_pair_name" {
  description = "Name of an EC2 key pair that exists in the region. Give this or public_key_file."
  type        = string
  default     = null

  validation {
    condition     = (var.key_pair_name == null) != (var.public_key_file == null)
    error_message = "Give either key_pair_name (a key pair in the region) or public_key_file (a file to make one from)."
  }
}

variable "public_key_file" {
  description = "Public SSH key to make a key pair from, such as ~/.ssh/id_ed25519.pub. Give this or key_pair_name."
  type        = string
  default     = null

  validation {
    condition     = var.public_key_file == null || can(file(pathexpand(coalesce(var.public_key_file, "/"))))
    error_message = "public_key_file cannot be read. Make a key with: ssh-keygen -t ed25519"
  }

  validation {
    condition = var.public_key_file == null || can(regex(
      "^ssh-(ed25519|rsa) AAAA", file(pathexpand(coalesce(var.public_key_file, "/")))
    ))
    error_message = "public_key_file must hold a public key of a type that EC2 takes: ssh-ed25519 or ssh-rsa."
  }
}

variable "region" {
  description = "AWS region of the host and the bucket."
  type        = string
  default     = "ap-southeast-1"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", var.region))
    error_message = "region must be the code of an AWS region, such as ap-southeast-1."
  }
}

variable "image" {
  description = "Distribution of a new host: ubuntu-24.04, ubuntu-22.04, debian-13 or debian-12."
  type        = string
  default     = "ubuntu-24.04"
  nullable    = false

  validation {
    condition     = contains(keys(local.images), var.image)
    error_message = "image must be one of: ${join(", ", keys(local.images))}."
  }
}

variable "instance_type" {
  description = "Size of the host, in the families t3 and t3a (x86-64) or t4g (arm64), micro or larger."
  type        = string
  default     = "t3.micro"
  nullable    = false

  validation {
    condition     = can(regex("^t(3|3a|4g)\\.(micro|small|medium|large|xlarge|2xlarge)$", var.instance_type))
    error_message = "instance_type must be a t3, t3a or t4g of at least micro (1 GiB of memory), such as t3.micro or t4g.micro."
  }
}

variable "disk_gb" {
  description = "Size of the encrypted root disk in GB. It can grow later, never shrink."
  type        = number
  default     = 20
  nullable    = false

  validation {
    # Below: two images, swap, the database and a dump beside it do not fit. Above: gp3's own limit.
    condition     = var.disk_gb >= 12 && var.disk_gb <= 16384 && floor(var.disk_gb) == var.disk_gb
    error_message = "disk_gb must be a whole number from 12 to 16384."
  }
}

variable "monthly_budget_usd" {
  description = "Mail a warning when the account's month is about to cost more than this many US dollars; 0 for none."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = var.monthly_budget_usd >= 0
    error_message = "monthly_budget_usd must not be negative."
  }
}

variable "budget_email" {
  description = "Who gets the budget's warnings."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = var.budget_email == "" || can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", var.budget_email))
    error_message = "budget_email must be an e-mail address."
  }

  validation {
    condition     = var.monthly_budget_usd == 0 || var.budget_email != ""
    error_message = "A budget needs budget_email: somebody has to get its warnings."
  }
}

variable "destroy_data" {
  description = "Set to \"yes, delete all backups\" to let a destroy take the bucket's content and the host's disk along."
  type        = string
  default     = ""
  nullable    = false

  validation {
    condition     = contains(["", "yes, delete all backups"], var.destroy_data)
    error_message = "destroy_data must be empty or, word for word: yes, delete all backups"
  }
}
