using System.Security.Cryptography.X509Certificates;
using Envoy.Config.Core.V3;
using Microsoft.AspNetCore.Http;
using OsmExt.Xds.Protocol;
using OsmExt.Xds.Server;

namespace OsmExt.Xds.Tests.Hosting;

/// <summary>A proxy is whom its certificate names; on the plaintext port, whom it says it is.</summary>
internal sealed class CommonNameAuthorizer(object scope) : IXdsClientAuthorizer
{
    public ValueTask<ClientDecision> AuthorizeAsync(HttpContext connection, Node node, XdsVariant variant, CancellationToken cancellationToken)
    {
        var id = connection.Connection.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false) ?? node.Id;
        return ValueTask.FromResult(ClientDecision.Accept(new ConnectedClient(id, scope)));
    }
}
