using k8s;
using Microsoft.Extensions.Logging;
using OsmExt.LocalRuntime.Network;
using OsmExt.LocalRuntime.State;

namespace OsmExt.Node;

/// <summary>What a node's pods share.</summary>
internal sealed class NodeContext
{
    public required NodeOptions Options { get; init; }

    public required IKubernetes Api { get; init; }

    public required NamespaceNetwork Network { get; init; }

    public required RunJournal Journal { get; init; }

    public required ILogger Logger { get; init; }

    public required string FilesDirectory { get; init; }

    /// <summary>The node's address, as pods see it.</summary>
    public required string Address { get; init; }

    /// <summary>Services as they are now.</summary>
    public ServiceTable Services { get; set; } = ServiceTable.Empty;
}
