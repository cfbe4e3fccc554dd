variable "name" {
  description = "What the names of the pipelines begin with."
  type        = string

  validation {
    # A role's name may have 64 characters, of which Terraform takes 26.
    condition     = can(regex("^[a-z0-9-]{1,12}$", var.name))
    error_message = "At most 12 small letters, digits and hyphens."
  }
}

variable "region" {
  description = "The region of the pipelines, what they deploy and the state."
  type        = string
}

variable "environment" {
  description = "The environment of the marks. The policy of `state` must be for this one."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_~-]([A-Za-z0-9_.~-]*[A-Za-z0-9_~-])?$", var.environment))
    error_message = "It needs a name that a key can have without encoding."
  }
}

variable "state" {
  description = "The address of the store, and the policy for builds that goes with it."
  type        = object({ url = string, policy_arn = string })
}

# What the pipelines of an environment have in common.
#
#   connection_arn            the CodeConnections connection to the repository
#   repository                its owner and name, `owner/name`
#   build_image               an ECR repository of this account and region, and the image in it by digest: with shipmark and what the
#                             buildspecs call (images/build/Dockerfile)
#   deploy_policy_arn         a managed policy with what the deploys do: what that is, only you know
#   kms_key_arn               a key of yours for the artifacts; without one S3 encrypts them with a key of its own
#   permissions_boundary_arn  the boundary that your organisation demands of each role, if it does
variable "common" {
  type = object({
    connection_arn           = string
    repository               = string
    branch                   = optional(string, "main")
    build_image              = object({ repository = string, digest = string })
    deploy_policy_arn        = string
    kms_key_arn              = optional(string)
    permissions_boundary_arn = optional(string)
    log_retention_days       = optional(number, 30)
  })

  validation {
    condition     = can(regex("^arn:[a-z-]+:(codeconnections|codestar-connections):[^:]+:[0-9]{12}:connection/[A-Za-z0-9-]+$", var.common.connection_arn))
    error_message = "It must be the ARN of a connection, which ends in :connection/ID."
  }

  validation {
    condition     = can(regex("^sha256:[0-9a-f]{64}$", var.common.build_image.digest))
    error_message = "It must be the digest of the build image, so that nobody can exchange the tool unseen."
  }
}

# Each with its buildspec, the ECR repositories that it pushes to, and further variables of its builds.
variable "pipelines" {
  type = map(object({
    buildspec = string
    images    = optional(list(string), [])
    variables = optional(map(string), {})
    machine   = optional(object({ type = string, size = string }), { type = "LINUX_CONTAINER", size = "BUILD_GENERAL1_MEDIUM" })
  }))
}
