using System.CommandLine;
using System.CommandLine.Invocation;

namespace OsmExt.Cli.Commands;

/// <summary>The program <c>osm</c>.</summary>
internal static class OsmCommand
{
    // A control plane ends its streams and a local mesh takes down its pods; cut off in the middle, either would leave a mess.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <summary>Makes the command with all its sub-commands.</summary>
    public static RootCommand Create() => new("OsmExt: a service mesh control plane for Envoy.")
    {
        RunCommand.Create(),
        TranslateCommand.Create(),
        DiffCommand.Create(),
        SimulateCommand.Create(),
        WhyCommand.Create(),
        TestCommand.Create(),
        BootstrapCommand.Create(),
        InjectCommand.Create(),
        AgentCommand.Create(),
        ProxyCommand.Create(),
        LocalCommand.Create(),
        CertificateCommand.Create(),
        CrdsCommand.Create(),
        PluginCommand.Create(),
        StatusCommand.Create(),
        ApplyCommand.Create(),
        InstallCommand.Create(),
        MeshCommand.CreateUpgrade(),
        UninstallCommand.Create(),
        MeshCommand.Create(),
        NamespaceCommand.Create(),
        MetricsCommand.Create(),
        PolicyCommand.Create(),
        VerifyCommand.Create(),
        SupportCommand.Create(),
        EnvCommand.Create(),
        CompletionCommand.Create(),
        VersionCommand.Create(),
    };

    /// <summary>Runs the program. Standard output gets what was asked for and nothing else.</summary>
    public static async Task<int> InvokeAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        if (parsed.Action is ParseErrorAction explanation)
        {
            explanation.ShowHelp = args.Length == 0;
            await parsed.InvokeAsync(new() { Output = Console.Error }).ConfigureAwait(false);
            return ExitCode.UnusableInput;
        }

        return await parsed.InvokeAsync(new() { ProcessTerminationTimeout = Patience }).ConfigureAwait(false);
    }
}
