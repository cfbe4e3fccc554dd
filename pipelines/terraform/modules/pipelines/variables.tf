variable "region" {
  description = "The region of the pipelines, the stack and the state."
  type        = string
  default     = "ap-northeast-1"
}

variable "connection_arn" {
  description = "The ARN of the CodeConnections connection to the repository."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:(codeconnections|codestar-connections):[^:]+:[0-9]{12}:connection/[A-Za-z0-9-]+$", var.connection_arn))
    error_message = "It must be the ARN of a connection, which ends in :connection/ID."
  }
}

variable "repository" {
  description = "The owner and name of the repository, `owner/name`."
  type        = string
}

variable "branch" {
  description = "The branch that is deployed."
  type        = string
  default     = "main"
}

variable "stack_name" {
  description = "The stack that holds both servers."
  type        = string
}

variable "build_image" {
  description = "The build image, for arm64, by digest: an ECR repository of this account and region with shipmark, docker and the AWS CLI in it (see install.yml)."
  type        = object({ repository = string, digest = string })
}

variable "deploy_policy_arn" {
  description = "A managed policy with what `aws cloudformation deploy` of that stack does. What that is depends on its template."
  type        = string
}

variable "kms_key_arn" {
  description = "A KMS key of yours for the artifacts; without one S3 encrypts them with a key of its own. Its key policy must allow the roles too."
  type        = string
  default     = null
}

variable "permissions_boundary_arn" {
  description = "The permissions boundary that your organisation demands of each role, if it does."
  type        = string
  default     = null
}

variable "log_retention_days" {
  description = "How long the logs of the builds are kept."
  type        = number
  default     = 30
}

# The two servers: each has an ECR repository for its images, and a buildspec that builds its own image and passes the other's.
variable "servers" {
  type = map(object({ buildspec = string, image_repository = string }))
  default = {
    command = { buildspec = "buildspec-examples/docker-ecr.yml", image_repository = "command-server" }
    query   = { buildspec = "buildspec-examples/docker-ecr-query.yml", image_repository = "query-server" }
  }
}
