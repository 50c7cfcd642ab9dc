output "ssh_command" {
  description = "Logs in to the host."
  value = join(" ", compact([
    # IdentitiesOnly: the host refuses a login after a few keys of an agent.
    "ssh", local.operators_key == "" ? "" : "-i ${local.operators_key} -o IdentitiesOnly=yes",
    "${aws_instance.host.tags["SshUser"]}@${aws_eip.host.public_ip}",
  ]))
}

output "public_address" {
  description = "Static IPv4 address of the host."
  value       = aws_eip.host.public_ip
}

output "bucket" {
  description = "Bucket of backups, logs and exports."
  value       = aws_s3_bucket.data.bucket
}

output "website" {
  description = "Address of the published website; empty without publish."
  value       = try("http://${aws_s3_bucket_website_configuration.website[0].website_endpoint}/", "")
}

output "instance" {
  description = "Id of the host in EC2."
  value       = aws_instance.host.id
}

output "region" {
  description = "Region of the host and the bucket."
  value       = var.region
}

output "zone" {
  description = "Availability zone of the host."
  value       = aws_subnet.public.availability_zone
}

output "inventory_check" {
  description = "Shows, from the top of the clone, the host as Ansible sees it."
  value       = "AWS_REGION=${var.region} ansible/.venv/bin/ansible-inventory -i inventory/production --graph hnpal --vars"
}

output "disk" {
  description = "Volume that holds the database. A destroy keeps it unless data may go."
  value       = aws_instance.host.root_block_device[0].volume_id
}

output "account" {
  description = "AWS account that everything is in."
  value       = data.aws_caller_identity.operator.account_id
}

output "project" {
  description = "Name in every tag."
  value       = var.project
}
