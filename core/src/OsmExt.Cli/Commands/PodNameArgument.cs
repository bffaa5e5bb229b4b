using System.CommandLine;

namespace OsmExt.Cli.Commands;

/// <summary>A pod of a running mesh: <c>NAMESPACE/POD</c>, or <c>POD</c> and <c>-n NAMESPACE</c> as kubectl has it.</summary>
internal sealed class PodNameArgument
{
    private readonly Argument<string> _pod = new("POD") { Description = "The pod: NAMESPACE/POD, or POD in the namespace of --namespace." };
    private readonly Option<string> _namespace = new("--namespace", "-n") { Description = "The pod's namespace, where POD does not say it.", DefaultValueFactory = _ => "default", HelpName = "NAMESPACE" };

    /// <summary>Adds it to a command.</summary>
    public void AddTo(Command command)
    {
        command.Arguments.Add(_pod);
        command.Options.Add(_namespace);
    }

    /// <summary>As <c>NAMESPACE/POD</c>.</summary>
    public string Read(ParseResult parsed) => Full(parsed.GetRequiredValue(_pod), parsed.GetRequiredValue(_namespace));

    /// <summary>A pod's whole name.</summary>
    public static string Full(string written, string ns) => written.Split('/') switch
    {
        [{ Length: > 0 } name] => $"{ns}/{name}",
        [{ Length: > 0 }, { Length: > 0 }] => written,
        _ => throw new CommandException($"\"{written}\" does not name a pod; write NAMESPACE/POD", ExitCode.UnusableInput),
    };
}
