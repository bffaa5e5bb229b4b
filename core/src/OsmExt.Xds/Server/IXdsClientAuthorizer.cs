using Envoy.Config.Core.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.Xds.Protocol;

namespace OsmExt.Xds.Server;

/// <summary>
/// The host's part: who is this, and what may it see? Identity comes from the client certificate of the connection; the node
/// and the variant only say what the proxy is capable of, and a node that claims to be somebody else is to be refused.
/// </summary>
internal interface IXdsClientAuthorizer
{
    /// <summary>
    /// May take its time. The scopes it names need no snapshot yet; the stream waits for the first. The node is not kept
    /// by the server.
    /// </summary>
    ValueTask<ClientDecision> AuthorizeAsync(HttpContext connection, Node node, XdsVariant variant, CancellationToken cancellationToken);

    /// <summary>The client is attached to its scopes. What changed about it since it was authorized has to be looked at now.</summary>
    void Connected(ConnectedClient client)
    {
    }

    /// <summary>One of the client's streams ended; called once for each <see cref="Connected"/>.</summary>
    void Disconnected(ConnectedClient client)
    {
    }
}
