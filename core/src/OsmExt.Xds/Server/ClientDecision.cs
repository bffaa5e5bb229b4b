using Grpc.Core;

namespace OsmExt.Xds.Server;

/// <summary>Whether a client may have a stream: exactly one of the two is set.</summary>
internal readonly struct ClientDecision
{
    private ClientDecision(ConnectedClient? client, Status refusal)
    {
        Client = client;
        Refusal = refusal;
    }

    public ConnectedClient? Client { get; }

    /// <summary>Sent to the client: it must not tell what the client may not know.</summary>
    public Status Refusal { get; }

    public static ClientDecision Accept(ConnectedClient client) => new(client, Status.DefaultSuccess);

    public static ClientDecision Refuse(StatusCode code, string text) => new(null, new Status(code, text));
}
