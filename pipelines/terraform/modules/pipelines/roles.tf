# The roles of each pipeline and of its builds. What a build may do with the state is in state.tf.json, as `shipmark doctor --print
# terraform` prints it for this project, environment and table. Both pipelines use that policy: deploying one server deploys the other again.

data "aws_iam_policy_document" "trust" {
  for_each = toset(["codebuild", "codepipeline"])

  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["${each.key}.amazonaws.com"]
    }

    # For nobody else's projects.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "build" {
  for_each           = var.servers
  name_prefix        = "${each.key}-build-"
  assume_role_policy = data.aws_iam_policy_document.trust["codebuild"].json

  permissions_boundary = var.permissions_boundary_arn
}

resource "aws_iam_role_policy_attachment" "state" {
  for_each   = var.servers
  role       = aws_iam_role.build[each.key].name
  policy_arn = aws_iam_policy.shipmark_build.arn
}

resource "aws_iam_role_policy_attachment" "deploy" {
  for_each   = var.servers
  role       = aws_iam_role.build[each.key].name
  policy_arn = var.deploy_policy_arn
}

# Whoever handles artifacts handles their key too.
data "aws_iam_policy_document" "key" {
  dynamic "statement" {
    for_each = var.kms_key_arn == null ? [] : [var.kms_key_arn]

    content {
      sid       = "Key"
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:ReEncryptFrom", "kms:ReEncryptTo"]
      resources = [statement.value]
    }
  }
}

data "aws_iam_policy_document" "build" {
  for_each                = var.servers
  source_policy_documents = [data.aws_iam_policy_document.key.json]

  # The group is there, so nothing needs to make it.
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["${aws_cloudwatch_log_group.build[each.key].arn}:*"]
  }

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]
  }

  statement {
    sid       = "ArtifactBucket"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation"]
    resources = [aws_s3_bucket.artifacts.arn]
  }

  statement {
    sid       = "ToolImage"
    actions   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
    resources = ["${local.arn}:ecr:${var.region}:${local.account}:repository/${var.build_image.repository}"]
  }

  statement {
    sid     = "Login"
    actions = ["ecr:GetAuthorizationToken"]
    # It has no resource.
    resources = ["*"]
  }

  statement {
    sid = "Images"
    actions = [
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:CompleteLayerUpload",
      "ecr:DescribeImages",
      "ecr:GetDownloadUrlForLayer",
      "ecr:InitiateLayerUpload",
      "ecr:PutImage",
      "ecr:UploadLayerPart",
    ]
    resources = ["${local.arn}:ecr:${var.region}:${local.account}:repository/${each.value.image_repository}"]
  }
}

resource "aws_iam_role_policy" "build" {
  for_each = var.servers
  name     = "build"
  role     = aws_iam_role.build[each.key].id
  policy   = data.aws_iam_policy_document.build[each.key].json
}

resource "aws_iam_role" "pipeline" {
  for_each           = var.servers
  name_prefix        = "${each.key}-pipeline-"
  assume_role_policy = data.aws_iam_policy_document.trust["codepipeline"].json

  permissions_boundary = var.permissions_boundary_arn
}

# The service was renamed, and its two actions want ARNs of their own; one connection has both.
locals {
  connection_id = split(":connection/", var.connection_arn)[1]
  connections = distinct(concat([var.connection_arn], [
    for service in ["codeconnections", "codestar-connections"] :
    "${local.arn}:${service}:${var.region}:${local.account}:connection/${local.connection_id}"
  ]))
}

data "aws_iam_policy_document" "pipeline" {
  for_each                = var.servers
  source_policy_documents = [data.aws_iam_policy_document.key.json]

  statement {
    sid       = "Source"
    actions   = ["codeconnections:UseConnection", "codestar-connections:UseConnection"]
    resources = local.connections
  }

  statement {
    sid       = "Artifacts"
    actions   = ["s3:GetObject", "s3:GetObjectVersion", "s3:PutObject", "s3:PutObjectAcl"]
    resources = ["${aws_s3_bucket.artifacts.arn}/*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }

  statement {
    sid       = "ArtifactBucket"
    actions   = ["s3:GetBucketAcl", "s3:GetBucketLocation", "s3:GetBucketVersioning"]
    resources = [aws_s3_bucket.artifacts.arn]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceAccount"
      values   = [local.account]
    }
  }

  statement {
    sid       = "Builds"
    actions   = ["codebuild:StartBuild", "codebuild:BatchGetBuilds"]
    resources = [aws_codebuild_project.server[each.key].arn]
  }
}

resource "aws_iam_role_policy" "pipeline" {
  for_each = var.servers
  name     = "pipeline"
  role     = aws_iam_role.pipeline[each.key].id
  policy   = data.aws_iam_policy_document.pipeline[each.key].json
}
