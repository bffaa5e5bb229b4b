using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace OsmExt.Testing.ApiServer.Tests.Admission;

/// <summary>A webhook over TLS, with a certificate of its own for the name of a Service.</summary>
internal sealed class WebhookServer : IAsyncDisposable
{
    private readonly WebApplication _application;
    private readonly X509Certificate2 _certificate;

    private WebhookServer(Func<JsonObject, JsonObject> answer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("hook.default.svc");
        names.AddIpAddress(IPAddress.Loopback);
        var request = new CertificateRequest("CN=hook", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        var now = TimeProvider.System.GetUtcNow();
        _certificate = X509CertificateLoader.LoadPkcs12(request.CreateSelfSigned(now.AddDays(-1), now.AddDays(1)).Export(X509ContentType.Pkcs12), null);
        CaBundle = Convert.ToBase64String(Encoding.ASCII.GetBytes(_certificate.ExportCertificatePem()));
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Services.AddRouting();
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen => listen.UseHttps(_certificate)));
        _application = builder.Build();
        _application.Run(async context =>
        {
            var question = (await JsonNode.ParseAsync(context.Request.Body))!.AsObject();
            Asked.Enqueue(question);
            var reply = question.DeepClone().AsObject();
            reply.Remove("request");
            reply["response"] = answer(question["request"]!.AsObject());
            reply["response"]!["uid"] = question["request"]!["uid"]!.DeepClone();
            await context.Response.WriteAsync(reply.ToJsonString(), context.RequestAborted);
        });
    }

    public ConcurrentQueue<JsonObject> Asked { get; } = new();

    public IPEndPoint EndPoint { get; private set; } = new(IPAddress.Loopback, 0);

    public string CaBundle { get; }

    public static async Task<WebhookServer> StartAsync(Func<JsonObject, JsonObject> answer)
    {
        var server = new WebhookServer(answer);
        await server._application.StartAsync();
        server.EndPoint = new(IPAddress.Loopback, new Uri(server._application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single()).Port);
        return server;
    }

    public static JsonObject Allowed(string? patch = null) => patch is null ? new() { ["allowed"] = true }
        : new() { ["allowed"] = true, ["patchType"] = "JSONPatch", ["patch"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(patch)) };

    public async ValueTask DisposeAsync()
    {
        await _application.DisposeAsync();
        _certificate.Dispose();
    }
}
