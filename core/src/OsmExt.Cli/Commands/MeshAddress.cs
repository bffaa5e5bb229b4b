using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using OsmExt.Cli.Clusters;
using OsmExt.Cli.Local;
using OsmExt.ControlPlane.Options;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Cli.Commands;

/// <summary>Which running mesh is meant: of an address, of this machine, or of a cluster.</summary>
internal sealed class MeshAddress
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ProbePatience = TimeSpan.FromSeconds(1);
    private static readonly IPEndPoint Fallback = new ControlPlaneOptions().DebugAddress;

    private readonly Option<DnsEndPoint?> _address = new("--debug-address")
    {
        Description = $"Where the control plane's debug pages are. Default: {Fallback} where something listens there; else the local mesh named osm where it runs; else the cluster.",
        CustomParser = Endpoint.ParseHost,
        HelpName = "HOST:PORT",
    };

    private readonly Option<string?> _local = new("--local") { Description = "The local mesh of this name, which osm local up started. Default: as --debug-address says.", HelpName = "NAME" };
    private readonly ClusterArguments _cluster = new();

    /// <summary>Adds its options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_address);
        command.Options.Add(_local);
        _cluster.AddTo(command);
        command.Validators.Add(result =>
        {
            var given = new[] { _address.Name, _local.Name, "--context", "--kubeconfig" }.Where(name => result.GetResult(name) is System.CommandLine.Parsing.OptionResult { Implicit: false }).ToArray();
            if (given.Length > 1 && given[0] != "--context")
            {
                result.AddError($"{given[0]} and {given[1]} name two meshes; give one of them");
            }
        });
    }

    /// <summary>Reaches it.</summary>
    public async Task<RunningMesh> OpenAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.GetValue(_address) is { } address)
        {
            return At(address.Host, address.Port);
        }

        if (parsed.GetValue(_local) is { } name)
        {
            return OfLocal(name) ?? throw new CommandException($"no local mesh named {name} is running; start one with osm local up");
        }

        var wanted = _cluster.Wanted(parsed);
        if (wanted is { Kubeconfig: null, Context: null })
        {
            if (await IsListeningAsync(cancellation).ConfigureAwait(false))
            {
                return At(Fallback.Address.ToString(), Fallback.Port);
            }

            if (OfLocal("osm") is { } local)
            {
                return local;
            }

            if (!ClusterConnection.IsThere(wanted))
            {
                throw new CommandException($"no control plane answers at {Fallback}, no local mesh named osm is running, and no cluster is known; "
                    + "say which mesh is meant with --debug-address, --local, --kubeconfig or KUBECONFIG");
            }
        }

        return await RunningMesh.OfAsync(await _cluster.ConnectAsync(parsed, cancellation).ConfigureAwait(false), cancellation, ownsSession: true).ConfigureAwait(false);
    }

    /// <summary>Reaches its sidecars only, which does not need the control plane.</summary>
    public async Task<RunningMesh> OpenSidecarsAsync(ParseResult parsed, CancellationToken cancellation)
    {
        var wanted = _cluster.Wanted(parsed);
        return parsed.GetValue(_address) is null && parsed.GetValue(_local) is null
            && (wanted is not { Kubeconfig: null, Context: null } || (ClusterConnection.IsThere(wanted) && OfLocal("osm") is null))
            ? RunningMesh.SidecarsOf(await _cluster.ConnectAsync(parsed, cancellation).ConfigureAwait(false))
            : await OpenAsync(parsed, cancellation).ConfigureAwait(false);
    }

    /// <summary>How people call the cluster.</summary>
    public string NameOf(ParseResult parsed) => _cluster.NameOf(parsed);

    private static RunningMesh At(string host, int port)
        => RunningMesh.At($"{host}:{port}", new(new SocketsHttpHandler()) { BaseAddress = new UriBuilder("http", host, port).Uri, Timeout = Patience });

    private static RunningMesh? OfLocal(string name)
        => LocalMeshView.Find(name) is { } local ? RunningMesh.OfLocal(local) : null;

    private static async Task<bool> IsListeningAsync(CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(ProbePatience);
        using var socket = new Socket(Fallback.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            await socket.ConnectAsync(Fallback, patience.Token).ConfigureAwait(false);
            return true;
        }
        catch (Exception failure) when (failure is SocketException or OperationCanceledException && !cancellation.IsCancellationRequested)
        {
            return false;
        }
    }
}
