# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_shipmark_global_optspecs
    string join \n config= project= state= environment= pipeline= source= timeout= log-format= v/verbose q/quiet color= h/help V/version
end

function __fish_shipmark_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_shipmark_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_shipmark_using_subcommand
    set -l cmd (__fish_shipmark_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c shipmark -n "__fish_shipmark_needs_command" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_needs_command" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_needs_command" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_needs_command" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_needs_command" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_needs_command" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_needs_command" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_needs_command" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_needs_command" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_needs_command" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_needs_command" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_needs_command" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_needs_command" -s V -l version -d 'Print version'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "decide" -d 'Decide which services to build, in a build that will deploy them: opens attempts, prints the decisions'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "record" -d 'Record a deploy, after it succeeded'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "adopt" -d 'Say which commit is deployed already, outside of a build: shows what would be recorded, and records it with --yes'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "stage" -d 'Keep a candidate at the end of a build whose deploy is a later pipeline stage'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "begin" -d 'Say that the deploy of a candidate begins: the first action of the deploy stage'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "promote" -d 'Record the deploy of a candidate: the last action of the deploy stage'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "run" -d 'Decide, run a command for each service that must be built, and record the deploys'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "plan" -d 'Show what would build and why, without opening an attempt'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "init" -d 'Write a first map: looks at Dockerfiles, workspaces, packages, templates and Terraform in the source'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "explain" -d 'Show which services paths belong to, by which rules and dependencies, what excludes them, or what nearly includes them'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "check" -d 'Lint the map against the tree and run its `[[expect]]` tests'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "observe" -d 'Run a build and report which files of the source it read that the rules do not cover'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "replay" -d 'Run the rules over real history: what would have been built, skipped, lost, or decided otherwise by another map'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "status" -d 'Show what is deployed where, since when, how far behind the source, and what is open or uncertain'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "taint" -d 'Say that something else is deployed than what was recorded: the next decision builds'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "output" -d 'Print a recorded output'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "state" -d 'Move, keep and repair the state'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "doctor" -d 'Check the store, one thing after the other, and say what to do; exit 1 if something failed'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "completions" -d 'Print the completions of a shell'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "man" -d 'Print the man page of the program or of a command'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "lambda" -d 'Serve as a Lambda function: decides, begins, promotes, starts and taints as actions of a pipeline'
complete -c shipmark -n "__fish_shipmark_needs_command" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l revision -d 'Whatever names the source; only shown [default: $CODEBUILD_RESOLVED_SOURCE_VERSION, else git\'s HEAD]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l force -d 'Build, whatever is recorded: all, or these services (also SHIPMARK_FORCE=1, or the names)' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l execution -d 'The pipeline execution, `#{codepipeline.PipelineExecutionId}` (also SHIPMARK_EXECUTION)' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l extra -d 'An input that is not a file, e.g. the digest of a base image' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l verify -d 'A command for `sh` that is run for each service that would be skipped or reused, with $SHIPMARK_SERVICE and its recorded outputs; if it fails, the service builds' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l ticket -d 'Where the ticket for `record` and `stage` is kept [default: in a build, a file of that build in the temporary directory]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l format -d 'How the decisions are written' -r -f -a "shell\t'`export NAME=\'value\'` lines for any POSIX shell, to be evaluated'
dotenv\t'`NAME="value"` lines for dotenv readers'
json\t'The whole answer, as `schema/decision.schema.json` describes it'
powershell\t'`$env:NAME = \'value\'` lines, to be evaluated'
github\t'Blocks for the files `$GITHUB_ENV` and `$GITHUB_OUTPUT`'
table\t'A table for people'
markdown\t'Text for a comment of a pull request, on GitHub or GitLab'"
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l stage -d 'Stage what builds at once, for a deploy stage that builds it later; what is skipped gets a claim, which `promote` confirms' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l out -d 'Write the decisions to this file instead of standard output' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l all-changes -d 'List all changes and unowned files in JSON, not the first 100'
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -l strict -d 'Refuse (exit 3) where something could not be read, instead of building'
complete -c shipmark -n "__fish_shipmark_using_subcommand decide" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l output -d 'What was made, handed back when a later build is skipped, e.g. an image digest; with several services SERVICE:NAME=VALUE' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l execution -d 'The pipeline execution (also SHIPMARK_EXECUTION)' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l revision -d 'Whatever names the source; only shown [default: as decided]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l extra -d 'An input that is not a file; must be as decided' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l outcome -d 'How the build ended [default: as CODEBUILD_BUILD_SUCCEEDING says]; whatever is not `success` may have deployed something' -r -f -a "success\t'It succeeded'
failure\t'It failed'
cancelled\t'It was stopped'
skipped\t'A step did not run'"
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l ticket -d 'The ticket that `decide` wrote' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -l all -d 'All services that were decided in this build'
complete -c shipmark -n "__fish_shipmark_using_subcommand record" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l from-git -d 'The commit that is deployed' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l output -d 'What was made, handed back when a build is skipped; with several services SERVICE:NAME=VALUE' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l outputs -d 'A file with such outputs, one in a line' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l extra -d 'An input that is not a file' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l all -d 'All services of the map'
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -l yes -d 'Record it, and do not only show it'
complete -c shipmark -n "__fish_shipmark_using_subcommand adopt" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l output -d 'What was made, handed back when a later build is skipped, e.g. an image digest; with several services SERVICE:NAME=VALUE' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l execution -d 'The pipeline execution (also SHIPMARK_EXECUTION)' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l revision -d 'Whatever names the source; only shown [default: as decided]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l extra -d 'An input that is not a file; must be as decided' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l outcome -d 'How the build ended [default: as CODEBUILD_BUILD_SUCCEEDING says]; whatever is not `success` may have deployed something' -r -f -a "success\t'It succeeded'
failure\t'It failed'
cancelled\t'It was stopped'
skipped\t'A step did not run'"
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l ticket -d 'The ticket that `decide` wrote' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l stage -d 'The name of the deploy stage, where one service is staged for several [default: the service]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l format -d 'How the candidates are written' -r -f -a "shell\t'`export NAME=\'value\'` lines for any POSIX shell, to be evaluated'
dotenv\t'`NAME="value"` lines for dotenv readers'
json\t'The whole answer, as `schema/decision.schema.json` describes it'
powershell\t'`$env:NAME = \'value\'` lines, to be evaluated'
github\t'Blocks for the files `$GITHUB_ENV` and `$GITHUB_OUTPUT`'
table\t'A table for people'
markdown\t'Text for a comment of a pull request, on GitHub or GitLab'"
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -l all -d 'All services that were decided in this build'
complete -c shipmark -n "__fish_shipmark_using_subcommand stage" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l candidate -d 'What `stage` or `decide --stage` printed' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l stage -d 'The deploy stage that it was staged for, with --execution' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -l execution -d 'The pipeline execution that staged it; then name the services too' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand begin" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l candidate -d 'What `stage` or `decide --stage` printed' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l stage -d 'The deploy stage that it was staged for, with --execution' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l execution -d 'The pipeline execution that staged it; then name the services too' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l output -d 'What was made, where it was built after it was staged' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l claims -d 'Behind stages that may have been skipped: each skip must still hold, and what was to be built must have begun' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -l failed -d 'The deploy has failed: whatever it has deployed is in doubt'
complete -c shipmark -n "__fish_shipmark_using_subcommand promote" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l jobs -d 'How many commands run at once. Each starts once those of the services that it depends on have succeeded' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l revision -d 'Whatever names the source; only shown [default: $CODEBUILD_RESOLVED_SOURCE_VERSION, else git\'s HEAD]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l force -d 'Build, whatever is recorded: all, or these services (also SHIPMARK_FORCE=1, or the names)' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l execution -d 'The pipeline execution, `#{codepipeline.PipelineExecutionId}` (also SHIPMARK_EXECUTION)' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l extra -d 'An input that is not a file, e.g. the digest of a base image' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l verify -d 'A command for `sh` that is run for each service that would be skipped or reused, with $SHIPMARK_SERVICE and its recorded outputs; if it fails, the service builds' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l ticket -d 'Where the ticket for `record` and `stage` is kept [default: in a build, a file of that build in the temporary directory]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l all -d 'All services of the map that exist in the environment, or all in $SHIPMARK_CANDIDATE'
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -l no-record -d 'Leave the attempts open, for `record` or `stage` later in the build. Otherwise each deploy is recorded as soon as its command succeeds'
complete -c shipmark -n "__fish_shipmark_using_subcommand run" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l revision -d 'The commit to plan for [default: the working tree, as `git add -A` would see it]; one that is not here is fetched' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l base -d 'Compare the working tree, or --revision, with this commit instead of what is deployed; needs no store. `REV...` means the merge base, where the branch started; 0000… a new branch, on which everything builds. A commit that is not here is fetched' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l service -d 'The same as SERVICE' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l extra -d 'An input that is not a file' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l verify -d 'What `decide --verify` would run: it is only said where that would be' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l format -d 'How the plan is written' -r -f -a "shell\t'`export NAME=\'value\'` lines for any POSIX shell, to be evaluated'
dotenv\t'`NAME="value"` lines for dotenv readers'
json\t'The whole answer, as `schema/decision.schema.json` describes it'
powershell\t'`$env:NAME = \'value\'` lines, to be evaluated'
github\t'Blocks for the files `$GITHUB_ENV` and `$GITHUB_OUTPUT`'
table\t'A table for people'
markdown\t'Text for a comment of a pull request, on GitHub or GitLab'"
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l explain -d 'For each service why it builds or is skipped: by which chain of dependencies, what changed besides, what to do'
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l all-environments -d 'All environments of the map, side by side'
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l print-map -d 'Print the map with all that it includes and discovers written out, and plan nothing'
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -l all-changes -d 'List all changes and unowned files, not the first'
complete -c shipmark -n "__fish_shipmark_using_subcommand plan" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l out -d 'Write the map to this file [default: shipmark.toml in the source]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l print -d 'Print the map instead of writing it'
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l observed -d 'Take in what observed builds have read, as `observe` kept it in `observed/` beside the map'
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -l force -d 'Overwrite a map that is there'
complete -c shipmark -n "__fish_shipmark_using_subcommand init" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l format -d 'How it is written' -r -f -a "text\t'For people'
json\t'All of it, as JSON'"
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -l json -d 'The same as --format json'
complete -c shipmark -n "__fish_shipmark_using_subcommand explain" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l template -d 'Check this template of a pipeline against the map, instead of the map; repeatable. CloudFormation in YAML or JSON, what `cdk synth` writes, or the output of `terraform show -json`' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l parameter -d 'The value of a parameter of the templates; repeatable' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l format -d 'How the findings are written' -r -f -a "text\t'For people, as compilers show them'
json\t'Everything, for programs'
github\t'Workflow commands of GitHub Actions, which become annotations'
sarif\t'SARIF 2.1.0, for code scanning'"
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l deny -d 'Fail where this is found, whatever the map says; repeatable' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l warn -d 'Tell this and do not fail; repeatable' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l allow -d 'Do not tell this; repeatable' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l explain -d 'Say what a code means and what to do, and check nothing' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l fix -d 'Add the inputs that services lack to the map, then check it; nothing that would build less is changed'
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -l list -d 'List the codes with their levels, and check nothing'
complete -c shipmark -n "__fish_shipmark_using_subcommand check" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l by -d 'What watches the build' -r -f -a "strace\t'strace 5.15 or later, which sees every file that the build opens'
access-times\t'The access times of the source\'s files: where tracing is forbidden. Never complete'"
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l format -d 'How the report is written, on standard output; what the command prints goes to standard error' -r -f -a "text\t'For people'
json\t'Everything, for programs'
github\t'Workflow commands of GitHub Actions, which become annotations'
markdown\t'A summary for a job or a pull request'"
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -l deny -d 'Exit with 4 if the command succeeds and has read something that the rules do not cover'
complete -c shipmark -n "__fish_shipmark_using_subcommand observe" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l revision -d 'The newest commit [default: HEAD]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l since -d 'Only commits that are not in the history of this one' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l last -d 'Only so many commits, the newest' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l against -d 'Compare with the decisions of another map' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l fail-rate -d 'Let builds fail this often, from 0 to 1, and say what a `HEAD~1` rule would have lost' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l seed -d 'What the random failures begin with: the same seed, the same failures' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l minutes -d 'How long a build takes, of one service or of all that are not named' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l format -d 'How it is written' -r -f -a "text\t'For people'
json\t'All of it, as JSON'"
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l html -d 'Write a page to look at: one file that needs no network' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l observed -d 'Compare with what observed builds read: which past commits would the rules have skipped falsely?'
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l json -d 'The same as --format json'
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -l all-changes -d 'List all flips and lost deploys, not the first'
complete -c shipmark -n "__fish_shipmark_using_subcommand replay" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l max-age -d 'Exit 4 if a deploy is older than this, uncertain or missing' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l html -d 'Write one page to pin to a wall' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l price -d 'The price of a build minute, for what skipping saves' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l format -d 'How it is written' -r -f -a "text\t'For people'
json\t'All of it, as JSON'"
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l all-environments -d 'All environments of the map, side by side'
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l log -d 'The last deploys instead: revision, date, build, outputs, certain or not'
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l shadow -d 'What shadow builds showed instead: how much skipping would have saved, and which outputs contradict a skip'
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l clear -d 'Forget the shadow counts and contradictions, once they are explained'
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -l json -d 'The same as --format json'
complete -c shipmark -n "__fish_shipmark_using_subcommand status" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l reason -d 'Why, for those who ask later' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -l nothing-running -d 'You have made sure that no other build or deploy of it is running or waiting: the list of attempts is emptied'
complete -c shipmark -n "__fish_shipmark_using_subcommand taint" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -l default -d 'What to print where nothing is recorded, instead of exit 4' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand output" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -f -a "export" -d 'Write all that is kept as lines of JSON: a backup, or the way to another store'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -f -a "import" -d 'Take in what `state export` wrote. Imported deploys are uncertain, so the next decisions build, unless --trusted'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -f -a "rm" -d 'Forget all that is kept of services: their next decision builds'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and not __fish_seen_subcommand_from export import rm help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -l out -d 'Write to this file instead of standard output' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from export" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l trusted -d 'You have made sure that what is certain in the export is still what is live: it stays certain'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -l replace -d 'Overwrite the marks that are there already'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from import" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l orphans -d 'The marks of services that the map does not have'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -l all -d 'All services that have a mark'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "export" -d 'Write all that is kept as lines of JSON: a backup, or the way to another store'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "import" -d 'Take in what `state export` wrote. Imported deploys are uncertain, so the next decisions build, unless --trusted'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "rm" -d 'Forget all that is kept of services: their next decision builds'
complete -c shipmark -n "__fish_shipmark_using_subcommand state; and __fish_seen_subcommand_from help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l print -d 'Print the policies, and what else the store needs, instead of asking it' -r -f -a "iam\t'Two IAM policies: for builds, and read-only for laptops'
cloudformation\t'A CloudFormation template, in JSON: the table or bucket, and the policies'
terraform\t'The same for Terraform, in its JSON syntax (`NAME.tf.json`)'"
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l format -d 'How it is written' -r -f -a "text\t'For people'
json\t'All of it, as JSON'"
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l create -d 'Make the DynamoDB table if it is missing, and turn on what is off in it; a bucket is only checked'
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l read-only -d 'Only read, as a laptop does: neither try writes nor need permission for them'
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -l json -d 'The same as --format json'
complete -c shipmark -n "__fish_shipmark_using_subcommand doctor" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand completions" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand man" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l config -d 'The service map [default: $SHIPMARK_CONFIG, else shipmark.toml in the source, else config/shipmark.toml]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l project -d 'The project, the first part of every key [default: the map\'s, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l state -d 'Where the state lives, e.g. file:PATH [default: $SHIPMARK_STATE, else the map\'s, else file:.shipmark/state]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l environment -d 'The environment; more than one where one build serves several [default: $SHIPMARK_ENVIRONMENT, else `default`]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l pipeline -d 'Whose deploy it is, where no CodeBuild build says so: a pipeline\'s name, or its ARN [default: $SHIPMARK_PIPELINE, else the workflow of GitHub Actions]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l source -d 'The source: a directory, or a zip artifact (a file, or s3://BUCKET/KEY) [default: $CODEBUILD_SRC_DIR, else the nearest parent directory with a map, else here]' -r -F
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l timeout -d 'How long this command may wait for the store in all, retries included, e.g. 30s [default: 10s; 60s for commands that record]' -r
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l log-format -d 'How messages are written on standard error' -r -f -a "text\t'Lines for people'
json\t'One JSON object a line'"
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l color -d 'Colours' -r -f -a "auto\t'On a terminal'
always\t'Always'
never\t'Never'"
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -s v -l verbose -d 'More messages; twice for all'
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -s q -l quiet -d 'Errors only'
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -l job -d 'Do the work of one event, which is read from standard input: what the function starts for each event'
complete -c shipmark -n "__fish_shipmark_using_subcommand lambda" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "decide" -d 'Decide which services to build, in a build that will deploy them: opens attempts, prints the decisions'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "record" -d 'Record a deploy, after it succeeded'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "adopt" -d 'Say which commit is deployed already, outside of a build: shows what would be recorded, and records it with --yes'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "stage" -d 'Keep a candidate at the end of a build whose deploy is a later pipeline stage'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "begin" -d 'Say that the deploy of a candidate begins: the first action of the deploy stage'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "promote" -d 'Record the deploy of a candidate: the last action of the deploy stage'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "run" -d 'Decide, run a command for each service that must be built, and record the deploys'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "plan" -d 'Show what would build and why, without opening an attempt'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "init" -d 'Write a first map: looks at Dockerfiles, workspaces, packages, templates and Terraform in the source'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "explain" -d 'Show which services paths belong to, by which rules and dependencies, what excludes them, or what nearly includes them'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "check" -d 'Lint the map against the tree and run its `[[expect]]` tests'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "observe" -d 'Run a build and report which files of the source it read that the rules do not cover'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "replay" -d 'Run the rules over real history: what would have been built, skipped, lost, or decided otherwise by another map'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "status" -d 'Show what is deployed where, since when, how far behind the source, and what is open or uncertain'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "taint" -d 'Say that something else is deployed than what was recorded: the next decision builds'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "output" -d 'Print a recorded output'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "state" -d 'Move, keep and repair the state'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "doctor" -d 'Check the store, one thing after the other, and say what to do; exit 1 if something failed'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "completions" -d 'Print the completions of a shell'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "man" -d 'Print the man page of the program or of a command'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "lambda" -d 'Serve as a Lambda function: decides, begins, promotes, starts and taints as actions of a pipeline'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and not __fish_seen_subcommand_from decide record adopt stage begin promote run plan init explain check observe replay status taint output state doctor completions man lambda help" -f -a "help" -d 'Print this message or the help of the given subcommand(s)'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "export" -d 'Write all that is kept as lines of JSON: a backup, or the way to another store'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "import" -d 'Take in what `state export` wrote. Imported deploys are uncertain, so the next decisions build, unless --trusted'
complete -c shipmark -n "__fish_shipmark_using_subcommand help; and __fish_seen_subcommand_from state" -f -a "rm" -d 'Forget all that is kept of services: their next decision builds'
