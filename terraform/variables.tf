variable "admin_cidr" {
  description = "Networks that may reach SSH, one for each operator, such as [\"203.0.113.7/32\"]. Nobody else can."
  type        = list(string)
  nullable    = false

  validation {
    # Far below a security group's limit of 60 rules.
    condition     = length(var.admin_cidr) >= 1 && length(var.admin_cidr) <= 20
    error_message = "admin_cidr must list 1 to 20 networks, such as [\"203.0.113.7/32\"]."
  }

  validation {
    condition     = alltrue([for network in var.admin_cidr : can(cidrnetmask(network))])
    error_message = "admin_cidr must list IPv4 networks in CIDR notation. For a single address add /32: [\"203.0.113.7/32\"]."
  }

  validation {
    condition     = alltrue([for network in var.admin_cidr : try(tonumber(split("/", network)[1]) >= 16, false)])
    error_message = "admin_cidr must not open SSH to half the world: each prefix has to be /16 or longer, and /32 is one address."
  }

  validation {
    # AWS would store the network's own address, and every later plan would show a difference.
    condition     = alltrue([for network in var.admin_cidr : try(cidrhost(network, 0) == split("/", network)[0], false)])
    error_message = "admin_cidr must list networks by their own address, such as 203.0.113.0/24 and not 203.0.113.7/24."
  }

  validation {
    condition     = length(setintersection(var.admin_cidr, ["203.0.113.7/32", "203.0.113.0/24"])) == 0
    error_message = "admin_cidr still has the example's address, from which nobody can log in. Yours: curl -4 https://checkip.amazonaws.com"
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

variable "private_key_file" {
  description = "Private half of that key on your machine, for ssh_command and Ansible; public_key_file without .pub unless set."
  type        = string
  default     = null

  validation {
    condition     = var.private_key_file == null || can(regex("^[^\"'\\s]+$", var.private_key_file))
    error_message = "private_key_file must be a path without spaces or quotes, such as ~/.ssh/my-key-pair.pem."
  }

  validation {
    condition     = !endswith(coalesce(var.private_key_file, "-"), ".pub")
    error_message = "private_key_file is the private half of the key: the file without .pub."
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

variable "project" {
  description = "In every name and tag; another one makes a second installation, with a state of its own. Never changed later."
  type        = string
  default     = "hnpal"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,19}$", var.project))
    error_message = "project must be 2 to 20 small letters, digits or hyphens, beginning with a letter."
  }
}

variable "image" {
  description = "Distribution of a new host: ubuntu-24.04 or debian-13."
  type        = string
  default     = "ubuntu-24.04"
  nullable    = false

  validation {
    # The instance requires IMDSv2 (instance.tf), which s3fs supports for the role's name since 1.91.
    condition     = !contains(["ubuntu-22.04", "debian-12"], var.image)
    error_message = "image cannot be ${var.image} on AWS: its s3fs 1.90 cannot get the instance's role with IMDSv2, so the bucket would not mount. Use ubuntu-24.04 or debian-13."
  }

  validation {
    condition     = contains(concat(keys(local.images), ["ubuntu-22.04", "debian-12"]), var.image)
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

variable "zone" {
  description = "Availability zone of a new host, such as ap-southeast-1b; the region's first that offers the type unless set."
  type        = string
  default     = null

  validation {
    condition     = var.zone == null || can(regex("^${var.region}[a-z]$", var.zone))
    error_message = "zone must be an availability zone of ${var.region}, such as ${var.region}a. Local Zones and Wavelength Zones are not supported."
  }
}

variable "disk_gb" {
  description = "Size of the encrypted root disk in GB. It can grow later, never shrink."
  type        = number
  default     = 20
  nullable    = false

  validation {
    # Minimum: two images, swap, the database and a dump. Maximum: gp3's limit.
    condition     = var.disk_gb >= 12 && var.disk_gb <= 16384 && floor(var.disk_gb) == var.disk_gb
    error_message = "disk_gb must be a whole number from 12 to 16384."
  }
}

variable "alarm_emails" {
  description = "Who gets a mail when AWS recovers or reboots the host, such as [\"you@example.org\"]; each confirms once."
  type        = list(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for address in var.alarm_emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", address))])
    error_message = "alarm_emails must list e-mail addresses."
  }

  validation {
    condition     = length(var.alarm_emails) <= 10
    error_message = "alarm_emails must list at most 10 addresses."
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

variable "publish" {
  description = "Make a second bucket that everybody can read, for the website. The bucket of backups stays private either way."
  type        = bool
  default     = false
  nullable    = false
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
