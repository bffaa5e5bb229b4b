using System.Security.Cryptography.X509Certificates;
using Grpc.Core;
using Microsoft.AspNetCore.Http;
using OsmExt.Xds.Server;

namespace OsmExt.Xds.Tests.Hosting;

/// <summary>Whoever is certified as the reader sees all proxies, others see themselves, and without a certificate nobody is told anything.</summary>
internal sealed class CommonNameReaders : IStatusReaders
{
    public const string Reader = "reader";

    public ValueTask<StatusReader> AuthorizeAsync(HttpContext connection, CancellationToken cancellationToken)
    {
        var name = connection.Connection.ClientCertificate?.GetNameInfo(X509NameType.SimpleName, forIssuer: false)
            ?? throw new RpcException(new Status(StatusCode.Unauthenticated, "who are you?"));
        return ValueTask.FromResult(name == Reader ? StatusReader.OfAll : new StatusReader(id => id == name));
    }
}
