using System.CommandLine;
using k8s.Autorest;
using OsmExt.Cli.Clusters;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Cli.Commands;

/// <summary>Options of every command that works on a cluster.</summary>
internal sealed class ClusterArguments
{
    /// <summary>The kubeconfig.</summary>
    public Option<string?> Kubeconfig { get; } = new("--kubeconfig")
    {
        Description = "File that says how the cluster is reached. Default: the files of KUBECONFIG, else ~/.kube/config, else the cluster this program runs in.", HelpName = "FILE",
    };

    /// <summary>The context.</summary>
    public Option<string?> Context { get; } = new("--context") { Description = "The context of the kubeconfig to use. Default: the current one.", HelpName = "NAME" };

    /// <summary>The control plane's namespace.</summary>
    public Option<string> OsmNamespace { get; } = new("--osm-namespace")
    {
        Description = "The control plane's namespace.", DefaultValueFactory = _ => OsmSettings.Current.Namespace, HelpName = "NAMESPACE",
    };

    /// <summary>Adds them to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(Kubeconfig);
        command.Options.Add(Context);
        command.Options.Add(OsmNamespace);
    }

    /// <summary>Adds them, and has the command do something with the cluster.</summary>
    public void Run(Command command, Func<ParseResult, ClusterSession, CancellationToken, Task<int>> action)
    {
        AddTo(command);
        command.SetAction((parsed, cancellation) => GuardAsync(async () =>
        {
            using var session = await ConnectAsync(parsed, cancellation).ConfigureAwait(false);
            return await action(parsed, session, cancellation).ConfigureAwait(false);
        }, () => NameOf(parsed)));
    }

    /// <summary>What was chosen.</summary>
    public ClusterConnectionOptions Wanted(ParseResult parsed) => new() { Kubeconfig = parsed.GetValue(Kubeconfig), Context = parsed.GetValue(Context) };

    /// <summary>Connects.</summary>
    public async Task<ClusterSession> ConnectAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var connection = await ClusterConnection.FindAsync(Wanted(parsed), cancellation).ConfigureAwait(false);
        return new(connection, connection.CreateClient(), parsed.GetRequiredValue(OsmNamespace));
    }

    /// <summary>How people call the cluster.</summary>
    public string NameOf(ParseResult parsed) => parsed.GetValue(Context) is { } context ? $"the cluster of context \"{context}\"" : "the cluster";

    /// <summary>Does something, and says in a line why it cannot be done.</summary>
    public static async Task<int> GuardAsync(Func<Task<int>> action, Func<string> cluster)
    {
        try
        {
            return await action().ConfigureAwait(false);
        }
        catch (CommandException failure)
        {
            return await FailAsync(failure.Message, failure.ExitCode).ConfigureAwait(false);
        }
        catch (ClusterConnectionException failure)
        {
            return await FailAsync(failure.Message, ExitCode.UnusableInput).ConfigureAwait(false);
        }
        catch (HttpOperationException failure)
        {
            return await FailAsync(ApiFailure.Explain(failure, cluster()), ExitCode.Failed).ConfigureAwait(false);
        }
        catch (HttpRequestException failure) when (failure.InnerException is CommandException inner)
        {
            return await FailAsync(inner.Message, inner.ExitCode).ConfigureAwait(false);
        }
        catch (HttpRequestException failure)
        {
            return await FailAsync($"{cluster()} does not answer ({failure.InnerException?.Message ?? failure.Message}); is its address right and reachable from here? kubectl cluster-info asks it too", ExitCode.Failed).ConfigureAwait(false);
        }
        catch (TaskCanceledException failure) when (failure.InnerException is TimeoutException)
        {
            return await FailAsync($"{cluster()} did not answer in time", ExitCode.Failed).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync("stopped", ExitCode.Failed).ConfigureAwait(false);
        }
    }

    private static async Task<int> FailAsync(string message, int exitCode)
    {
        await Console.Error.WriteLineAsync($"osm: {message}").ConfigureAwait(false);
        return exitCode;
    }
}
