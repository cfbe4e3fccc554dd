# One pipeline for an image that two Lambdas run, and the Terraform of the same account. It goes with config/poc-mc-vision.toml.
terraform {
  required_version = ">= 1.5"
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.40"
    }
  }
}

provider "aws" {
  region = local.region
}

locals {
  region = "ap-northeast-1"
  # state.tf.json is for this one: shipmark doctor --print terraform --project poc-mc-vision --environment prod
  environment = "prod"
}

variable "common" {
  description = "The connection, the build image and the like: see ../modules/pipelines/variables.tf."
  type        = any
}

module "pipelines" {
  source      = "../modules/pipelines"
  name        = "vision"
  region      = local.region
  environment = local.environment
  common      = var.common

  state = {
    url        = "dynamodb://${aws_dynamodb_table.shipmark.name}?region=${local.region}"
    policy_arn = aws_iam_policy.shipmark_build.arn
  }

  pipelines = {
    backend = {
      buildspec = "buildspec-examples/terraform-image.yml"
      images    = ["backend"]
    }
  }
}
