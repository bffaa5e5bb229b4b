using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OsmExt.Compiler;
using OsmExt.ControlPlane.Pipeline;
using OsmExt.ControlPlane.Tests.Running;
using OsmExt.Identity;
using OsmExt.Sdk.Resources;
using Prometheus;

namespace OsmExt.ControlPlane.Tests.Attacks;

/// <summary>
/// A control plane as a process of its own, which the system can be told to keep short. It says where it listens, and gives those it is
/// told to certificates of proxies; it ends when its input does.
/// </summary>
internal static class ServingProgram
{
    public const string Word = "serve";
    private static readonly string[] Pods = [Shop.Buyer, Shop.Store1, Shop.Store2];

    public static async Task<int> RunAsync(string directory)
    {
        var any = new IPEndPoint(IPAddress.Loopback, 0);
        await using var host = ControlPlaneHost.Create(
            options =>
            {
                (options.Config, options.StateDirectory) = ([Path.Combine(directory, "manifests")], Path.Combine(directory, "state"));
                (options.XdsAddress, options.HttpAddress, options.DebugAddress) = (any, any, any);
            },
            new CompilerOptions(),
            builder =>
            {
                builder.Logging.ClearProviders();
                builder.Services.AddSingleton(Metrics.NewCustomRegistry());
            });
        await host.StartAsync();
        var pipeline = host.Services.GetRequiredService<MeshPipeline>();
        await Wait.UntilAsync(() => pipeline.State is not null, () => "There is no mesh");
        var authority = host.Services.GetRequiredService<CertificateAuthority>();
        await File.WriteAllTextAsync(Path.Combine(directory, "roots.pem"), authority.XdsBundle.Pem);
        foreach (var pod in Pods)
        {
            var identity = pipeline.State!.Proxies.Find(new(nameof(Pod), pod.Split('/')[0], pod.Split('/')[1]))!.Identity;
            var issued = authority.Issue(identity, TimeSpan.FromDays(1));
            var name = Path.Combine(directory, pod.Split('/')[1]);
            await File.WriteAllTextAsync($"{name}.pem", issued.ChainPem);
            await File.WriteAllTextAsync($"{name}.key", System.Text.Encoding.ASCII.GetString(issued.PrivateKeyPem.Reveal().Span));
            await File.WriteAllTextAsync($"{name}.id", identity.NodeId);
        }

        var addresses = host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.ToArray();
        await Console.Out.WriteLineAsync($"{addresses[0]} {addresses[1]} {authority.XdsServer.DnsName}");
        await Console.In.ReadToEndAsync();
        await host.StopAsync();
        return 0;
    }

    /// <summary>A client with a certificate that such a process gave.</summary>
    public static AdsTestClient Client(string directory, Uri xds, string serverName, string pod)
    {
        var name = Path.Combine(directory, pod.Split('/')[1]);
        var roots = new X509Certificate2Collection();
        roots.ImportFromPemFile(Path.Combine(directory, "roots.pem"));
        return new(xds, new()
        {
            ClientCertificate = X509Certificate2.CreateFromPemFile($"{name}.pem", $"{name}.key"),
            TrustedRoots = roots,
            ServerName = serverName,
            NodeId = File.ReadAllText($"{name}.id"),
        });
    }
}
