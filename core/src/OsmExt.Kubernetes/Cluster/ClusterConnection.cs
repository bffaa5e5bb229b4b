using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s;

namespace OsmExt.Kubernetes.Cluster;

/// <summary>How one cluster is reached, found as kubectl finds it.</summary>
internal sealed class ClusterConnection
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private ClusterConnection()
    {
    }

    /// <summary>The context; null for the cluster this program runs in.</summary>
    public string? Context { get; private init; }

    /// <summary>The namespace that is meant where none is named.</summary>
    public required string Namespace { get; init; }

    /// <summary>What KubernetesClient needs.</summary>
    public required KubernetesClientConfiguration Configuration { get; init; }

    /// <summary>Who is acted for; nobody else by default.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Impersonation { get; private init; } = [];

    /// <summary>How people call it.</summary>
    public string Name => Context is null ? "the cluster this program runs in" : $"the cluster of context \"{Context}\"";

    /// <summary>Finds it.</summary>
    /// <exception cref="ClusterConnectionException">It cannot be reached as asked.</exception>
    public static async Task<ClusterConnection> FindAsync(ClusterConnectionOptions options, CancellationToken cancellation)
    {
        var config = Files(options);
        if (!config.IsEmpty || options.Kubeconfig is not null || options.Context is not null)
        {
            return await OfAsync(config, options, cancellation).ConfigureAwait(false);
        }

        return InCluster(options) ?? throw new ClusterConnectionException(
            $"no cluster is known: {Looked(options)}, and this program does not run in a pod; name a kubeconfig with --kubeconfig or KUBECONFIG");
    }

    /// <summary>Whether there is anything to connect by; what is there may still be wrong.</summary>
    public static bool IsThere(ClusterConnectionOptions options)
        => options.Kubeconfig is not null || options.Context is not null || Paths(options).Any(File.Exists) || IsInCluster(options);

    /// <summary>A client. Whoever asks disposes of it.</summary>
    public k8s.Kubernetes CreateClient() => new(Configuration, Impersonation.Count == 0 ? [] : [new ImpersonationHandler(Impersonation)]);

    private static Kubeconfig Files(ClusterConnectionOptions options)
        => Kubeconfig.Read(options.Kubeconfig is { } only ? [only] : Paths(options), mustExist: options.Kubeconfig is not null);

    private static string[] Paths(ClusterConnectionOptions options)
        => options.Variable("KUBECONFIG") is { Length: > 0 } list ? [.. list.Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries).Distinct(StringComparer.Ordinal)]
            : options.Variable("HOME") is { Length: > 0 } home ? [Path.Join(home, ".kube", "config")]
            : [Path.Join(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".kube", "config")];

    private static string Looked(ClusterConnectionOptions options)
        => string.Join(", ", Paths(options).Select(path => File.Exists(path) ? $"{path} is empty" : $"there is no {path}"));

    private static async Task<ClusterConnection> OfAsync(Kubeconfig config, ClusterConnectionOptions options, CancellationToken cancellation)
    {
        if (config.IsEmpty)
        {
            throw new ClusterConnectionException(options.Kubeconfig is { } file ? $"the kubeconfig {file} is empty" : $"there is no context \"{options.Context}\": {Looked(options)}");
        }

        var name = config.ContextName(options.Context);
        var cluster = config.Named("cluster", name) ?? throw config.Context(name).Wrong("cluster", "is missing");
        var server = Server(cluster);
        var configuration = new KubernetesClientConfiguration
        {
            Host = server.AbsoluteUri.TrimEnd('/'),
            SslCaCerts = cluster.Certificates("certificate-authority"),
            SkipTlsVerify = cluster.Flag("insecure-skip-tls-verify"),
            TlsServerName = cluster.Text("tls-server-name"),
            HttpClientTimeout = Patience,
            FirstMessageHandlerSetup = Proxy(cluster),
        };
        if (configuration is { SkipTlsVerify: true, SslCaCerts: not null })
        {
            throw cluster.Wrong("insecure-skip-tls-verify", "contradicts certificate-authority; remove one of them");
        }

        var user = config.Named("user", name);
        if (user is not null)
        {
            await IdentifyAsync(configuration, user, cluster, options, cancellation).ConfigureAwait(false);
        }

        return new()
        {
            Context = name, Configuration = configuration,
            Namespace = configuration.Namespace = options.Namespace ?? config.Context(name).Text("namespace") ?? "default",
            Impersonation = user is null ? [] : ImpersonationHandler.HeadersOf(user),
        };
    }

    private static Uri Server(KubeconfigFields cluster)
        => Uri.TryCreate(cluster.RequiredText("server"), UriKind.Absolute, out var server) && server.Scheme is "https" or "http" ? server
            : throw cluster.Wrong("server", "is no address of an API server; write https://HOST:PORT");

    private static Action<SocketsHttpHandler>? Proxy(KubeconfigFields cluster)
    {
        if (cluster.Text("proxy-url") is not { } text)
        {
            return null;
        }

        return Uri.TryCreate(text, UriKind.Absolute, out var proxy) && proxy.Scheme is "http" or "https" or "socks5"
            ? handler => (handler.UseProxy, handler.Proxy) = (true, new WebProxy(proxy) { Credentials = Credentials(proxy) })
            : throw cluster.Wrong("proxy-url", "is no address of a proxy; write http://HOST:PORT, https://HOST:PORT or socks5://HOST:PORT");
    }

    private static NetworkCredential? Credentials(Uri proxy) => proxy.UserInfo.Split(':', 2) is [{ Length: > 0 } name, var password]
        ? new(Uri.UnescapeDataString(name), Uri.UnescapeDataString(password)) : null;

    private static async Task IdentifyAsync(
        KubernetesClientConfiguration configuration, KubeconfigFields user, KubeconfigFields cluster, ClusterConnectionOptions options, CancellationToken cancellation)
    {
        if (user.Section("auth-provider") is not null)
        {
            throw user.Wrong("auth-provider", "is no longer in use in Kubernetes; use exec with your provider's credential plugin");
        }

        var (certificate, key) = (user.Pem("client-certificate"), user.Pem("client-key"));
        if (certificate is null != key is null)
        {
            throw user.Wrong(certificate is null ? "client-certificate" : "client-key", "is missing beside the other of the two");
        }

        if (certificate is not null)
        {
            Present(configuration, certificate, key!, problem => user.Wrong("client-certificate", problem));
        }

        (configuration.Username, configuration.Password, configuration.AccessToken) = (user.Text("username"), user.Text("password"), user.Text("token"));
        if (user.PathOf("tokenFile") is { } file)
        {
            configuration.AccessToken = null;
            configuration.TokenProvider = new FileToken(file, () => user.Read("tokenFile", file), options.Time);
        }
        else if (user.Section("exec") is { } exec && configuration is { AccessToken: null, Username: null } && certificate is null)
        {
            var plugin = new ExecPlugin(exec, cluster, options);
            var credential = await plugin.AskAsync(cancellation).ConfigureAwait(false);
            if (credential is { Certificate: { } given, Key: { } its })
            {
                Present(configuration, given, its, problem => exec.Wrong("command", $"gave a client certificate that {problem}"));
            }

            if (credential.Token is not null)
            {
                configuration.TokenProvider = new ExecToken(plugin, credential, options.Time);
            }
        }
    }

    private static void Present(KubernetesClientConfiguration configuration, string certificate, string key, Func<string, ClusterConnectionException> wrong)
    {
        try
        {
            X509Certificate2.CreateFromPem(certificate, key).Dispose();
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            throw wrong($"cannot be used with its key: {failure.Message}");
        }

        configuration.ClientCertificateData = Convert.ToBase64String(Encoding.ASCII.GetBytes(certificate));
        configuration.ClientCertificateKeyData = Convert.ToBase64String(Encoding.ASCII.GetBytes(key));
    }

    private static bool IsInCluster(ClusterConnectionOptions options)
        => options.Variable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } && options.Variable("KUBERNETES_SERVICE_PORT") is { Length: > 0 }
            && File.Exists(Path.Join(options.ServiceAccountDirectory, "token"));

    private static ClusterConnection? InCluster(ClusterConnectionOptions options)
    {
        if (!IsInCluster(options))
        {
            return null;
        }

        var host = options.Variable("KUBERNETES_SERVICE_HOST")!;
        var token = Path.Join(options.ServiceAccountDirectory, "token");
        var roots = new X509Certificate2Collection();
        try
        {
            roots.ImportFromPemFile(Path.Join(options.ServiceAccountDirectory, "ca.crt"));
            var ns = options.Namespace ?? File.ReadAllText(Path.Join(options.ServiceAccountDirectory, "namespace")).Trim();
            return new()
            {
                Namespace = ns,
                Configuration = new()
                {
                    Host = new UriBuilder("https", host, int.Parse(options.Variable("KUBERNETES_SERVICE_PORT")!, System.Globalization.CultureInfo.InvariantCulture)).Uri.AbsoluteUri.TrimEnd('/'),
                    SslCaCerts = roots, Namespace = ns, HttpClientTimeout = Patience,
                    TokenProvider = new FileToken(token, () => File.ReadAllText(token), options.Time),
                },
            };
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or CryptographicException or FormatException)
        {
            throw new ClusterConnectionException(
                $"this program runs in a pod, and what its service account needs cannot be read from {options.ServiceAccountDirectory}: {failure.Message}", failure);
        }
    }
}
