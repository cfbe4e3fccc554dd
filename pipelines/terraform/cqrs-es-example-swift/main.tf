# Two pipelines for two servers in one stack. It goes with config/cqrs-es-example-swift.toml.
#
# Each passes the other's image, the one that was recorded for it, and `redeploys` in the map says so; `pipelines` there lists both. If
# both update the stack at once, CloudFormation refuses the second; that build fails, and its retry deploys.
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
  # state.tf.json is for this one: shipmark doctor --print terraform --project cqrs-es-example-swift --environment prod
  environment = "prod"
}

variable "common" {
  description = "The connection, the build image and the like: see ../modules/pipelines/variables.tf."
  type        = any
}

variable "stack_name" {
  description = "The stack that holds both servers."
  type        = string
}

locals {
  # Swift for ARM; the build image is for the same architecture.
  machine = { type = "ARM_CONTAINER", size = "BUILD_GENERAL1_LARGE" }
}

module "pipelines" {
  source      = "../modules/pipelines"
  name        = "server"
  region      = local.region
  environment = local.environment
  common      = var.common

  state = {
    url        = "dynamodb://${aws_dynamodb_table.shipmark.name}?region=${local.region}"
    policy_arn = aws_iam_policy.shipmark_build.arn
  }

  pipelines = {
    command = {
      buildspec = "buildspec-examples/docker-ecr.yml"
      images    = ["command-server"]
      variables = { STACK_NAME = var.stack_name }
      machine   = local.machine
    }
    query = {
      buildspec = "buildspec-examples/docker-ecr-query.yml"
      images    = ["query-server"]
      variables = { STACK_NAME = var.stack_name }
      machine   = local.machine
    }
  }
}
