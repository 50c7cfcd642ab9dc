# A host that stops answering is helped by AWS itself. Reboot waits longer than recovery, since a host
# whose hardware fails fails both checks.

locals {
  remedies = {
    recover = { check = "StatusCheckFailed_System", minutes = 2, means = "its hardware failed: move it to another" }
    reboot  = { check = "StatusCheckFailed_Instance", minutes = 5, means = "its system hangs: restart it" }
  }
}

resource "aws_cloudwatch_metric_alarm" "host" {
  for_each = local.remedies

  alarm_name        = "${local.project}-host-${each.key}"
  alarm_description = "HN Pal's host: ${each.value.means}"

  namespace   = "AWS/EC2"
  metric_name = each.value.check
  dimensions  = { InstanceId = aws_instance.host.id }

  statistic           = "Minimum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 60
  evaluation_periods  = each.value.minutes

  alarm_actions = ["arn:aws:automate:${var.region}:ec2:${each.key}"]
}
