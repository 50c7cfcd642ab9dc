# AWS recovers or reboots a host that stops responding. The reboot waits longer, because failing
# hardware fails both checks. The addresses in alarm_emails are told of both, and of their end.

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

  alarm_actions = concat(["arn:aws:automate:${var.region}:ec2:${each.key}"], aws_sns_topic.alarms[*].arn)
  ok_actions    = aws_sns_topic.alarms[*].arn
}

resource "aws_sns_topic" "alarms" {
  #checkov:skip=CKV_AWS_26: alarms cannot publish to a topic under AWS's own key; a customer key is a dollar a month, and the mails hold no secret
  count = length(var.alarm_emails) > 0 ? 1 : 0

  name         = "${local.project}-alarms"
  display_name = "HN Pal's host"
}

# Each address must confirm once, with the link in AWS's first mail.
resource "aws_sns_topic_subscription" "alarms" {
  for_each = toset(var.alarm_emails)

  topic_arn = aws_sns_topic.alarms[0].arn
  protocol  = "email"
  endpoint  = each.key
}
