using Envoy.Admin.V3;
using Envoy.Config.Core.V3;
using OsmExt.DataPlane.Bootstraps;
using OsmExt.DataPlane.Discovery;
using OsmExt.DataPlane.Observation.Logs;
using OsmExt.DataPlane.Observation.Statistics;

namespace OsmExt.DataPlane.Admin;

/// <summary>A running sidecar as its admin endpoint sees it.</summary>
internal sealed class SidecarState(SidecarBootstrap bootstrap, Node node, InventoryKeeper keeper, ITraffic traffic, LogPlaces logs, TimeProvider time)
{
    private readonly long _started = time.GetTimestamp();
    private volatile bool _failing;

    public SidecarBootstrap Bootstrap => bootstrap;

    /// <summary>What the control plane is told about it.</summary>
    public Node Node => node;

    public InventoryKeeper Keeper => keeper;

    public IReadOnlyList<EndpointStatus> Endpoints => traffic.Endpoints;

    public DateTimeOffset Started { get; } = time.GetUtcNow();

    public DateTimeOffset Now => time.GetUtcNow();

    public TimeSpan Uptime => time.GetElapsedTime(_started);

    /// <summary>Whether somebody said that it shall pass for unhealthy, as before it is taken away.</summary>
    public bool IsFailing
    {
        get => _failing;
        set => _failing = value;
    }

    public ServerInfo.Types.State State => IsFailing || keeper.IsDraining ? ServerInfo.Types.State.Draining
        : keeper.Current.IsLive ? ServerInfo.Types.State.Live
        : keeper.Counts.IsConnected ? ServerInfo.Types.State.Initializing : ServerInfo.Types.State.PreInitializing;

    /// <summary>What there is to count about it now.</summary>
    public ServerView View() => new(keeper.Current, keeper.Counts, Endpoints)
    {
        Uptime = Uptime,
        DaysUntilExpiry = CertificateReport.DaysUntilFirstExpiry(keeper.Current, Now),
        LogsLeftOut = logs.LeftOut,
    };
}
