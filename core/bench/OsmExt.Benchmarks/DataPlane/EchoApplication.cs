using System.Globalization;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace OsmExt.Benchmarks.DataPlane;

/// <summary>
/// The application behind the sidecars, a process of its own: a small answer to every request, and bytes back as they came. Each protocol once in
/// plain text, for the sidecar, and once with mutual TLS, for clients that come without one.
/// </summary>
internal static class EchoApplication
{
    public static readonly byte[] Message = [.. Enumerable.Repeat((byte)'m', 128)];

    public static async Task<int> RunAsync()
    {
        using var certificate = Certificates.SelfSigned("application");
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ListenAnyIP(EchoPorts.Http1, listen => listen.Protocols = HttpProtocols.Http1);
            kestrel.ListenAnyIP(EchoPorts.Http2, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.ListenAnyIP(EchoPorts.DirectHttp, listen => listen.UseHttps(new HttpsConnectionAdapterOptions
            {
                ServerCertificate = certificate,
                ClientCertificateMode = ClientCertificateMode.RequireCertificate,
                ClientCertificateValidation = (client, _, _) => client.GetECDsaPublicKey() is not null,
            }));
        });
        await using var app = builder.Build();
        app.Run(context =>
        {
            context.Response.ContentLength = Message.Length;
            return context.Response.Body.WriteAsync(Message, context.RequestAborted).AsTask();
        });
        await app.StartAsync();
        await Task.WhenAll(ListenAsync(EchoPorts.Tcp, null), ListenAsync(EchoPorts.DirectTcp, certificate), app.WaitForShutdownAsync());
        return 0;
    }

    private static async Task ListenAsync(int port, X509Certificate2? certificate)
    {
        using var listener = new TcpListener(IPAddress.Any, port);
        listener.Start();
        while (true)
        {
            var socket = await listener.AcceptSocketAsync();
            socket.NoDelay = true;
            _ = ServeAsync(new NetworkStream(socket, ownsSocket: true), certificate);
        }
    }

    private static async Task ServeAsync(Stream stream, X509Certificate2? certificate)
    {
        try
        {
            if (certificate is not null)
            {
                var secure = new SslStream(stream, leaveInnerStreamOpen: false, (_, client, _, _) => client is not null);
                stream = secure;
                await secure.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = certificate, ClientCertificateRequired = true });
            }

            await stream.CopyToAsync(stream);
        }
        catch (Exception failure) when (failure is IOException or System.Security.Authentication.AuthenticationException)
        {
            // The other side went away.
        }
        finally
        {
            await stream.DisposeAsync();
        }
    }
}

/// <summary>Where the application listens. Interception leaves the direct ones alone.</summary>
internal static class EchoPorts
{
    public const int Http1 = 8080;
    public const int Http2 = 8081;
    public const int Tcp = 9000;
    public const int DirectHttp = 9443;
    public const int DirectTcp = 9444;

    public static string Direct { get; } = string.Create(CultureInfo.InvariantCulture, $"{DirectHttp},{DirectTcp}");
}
