using ClusterPlane = OsmExt.ControlPlane.OnCluster.ClusterOptions;
using System.CommandLine;
using System.Net;
using OsmExt.Kubernetes.Cluster;

namespace OsmExt.Cli.Commands;

/// <summary>The options of <c>osm run --kubernetes</c>.</summary>
internal sealed class RunOnCluster
{
    private static readonly ClusterPlane Defaults = new() { Connection = null!, Replica = "" };

    private readonly Option<bool> _kubernetes = new("--kubernetes") { Description = "Read objects from a cluster, and keep there what is to be kept. Default: read --config." };

    private readonly Option<string?> _kubeconfig = new("--kubeconfig")
    {
        Description = "The only kubeconfig to read. Default: the files of KUBECONFIG, else ~/.kube/config, else the cluster this program runs in.", HelpName = "FILE",
    };

    private readonly Option<string?> _context = new("--context") { Description = "Context of the kubeconfig. Default: its current one.", HelpName = "NAME" };

    private readonly Option<string> _caBundle = new("--ca-bundle-secret-name")
    {
        Description = "Secret of the control plane's namespace that keeps the root certificate and its key; made when it is not there.",
        DefaultValueFactory = _ => Defaults.CaBundleSecret, HelpName = "NAME",
    };

    private readonly Option<TimeSpan> _drain = new("--drain-delay")
    {
        Description = "How long to go on serving when told to stop, until nobody is sent here any more.", DefaultValueFactory = _ => Defaults.DrainDelay, HelpName = "H:MM:SS",
    };

    private readonly Option<IPEndPoint> _webhooks = new("--webhook-address")
    {
        Description = "Where the API server and new sidecars ask, over TLS.", DefaultValueFactory = _ => Defaults.Webhooks.Address, CustomParser = Endpoint.Parse!, HelpName = "ADDRESS:PORT",
    };

    private readonly Option<string> _envoyImage = new("--envoy-image")
    {
        Description = "Envoy's image in injected pods, unless the MeshConfig names one. Default: none, and without one no pod is injected.", DefaultValueFactory = _ => "", HelpName = "IMAGE",
    };

    private readonly Option<string> _initImage = new("--init-image")
    {
        Description = "The image with iptables in injected pods, unless the MeshConfig names one. Default: none, and without one no pod is injected.", DefaultValueFactory = _ => "", HelpName = "IMAGE",
    };

    private readonly Option<string> _agentImage = new("--agent-image")
    {
        Description = "The image of this program in injected pods. Default: none, and without one no pod is injected.", DefaultValueFactory = _ => "", HelpName = "IMAGE",
    };

    private readonly Option<string> _pullPolicy = PullPolicyOption();

    private readonly Option<string?> _mutating = new("--webhook-config-name") { Description = "The mesh's MutatingWebhookConfiguration. Default: osm-webhook-MESH.", HelpName = "NAME" };

    private readonly Option<string?> _validating = new("--validator-webhook-config") { Description = "The mesh's ValidatingWebhookConfiguration. Default: osm-validator-mesh-MESH.", HelpName = "NAME" };

    private readonly Option<bool> _anyAddress = new("--tokens-from-any-address")
    {
        Description = "Take a pod's token from any address; for clusters in which something changes the addresses of calls between pods and Services. Default: only from the pod's own.",
    };

    /// <summary>When images of injected containers are pulled.</summary>
    public static Option<string> PullPolicyOption()
    {
        var option = new Option<string>("--image-pull-policy")
        {
            Description = "When nodes pull the images of injected containers.", DefaultValueFactory = _ => Defaults.Webhooks.PullPolicy,
        };
        option.AcceptOnlyFromAmong("Always", "IfNotPresent", "Never");
        return option;
    }

    public void AddTo(Command command, Option<string[]> config)
    {
        foreach (var option in new Option[] { _kubernetes, _kubeconfig, _context, _caBundle, _drain, _webhooks, _envoyImage, _initImage, _agentImage, _pullPolicy, _mutating, _validating, _anyAddress })
        {
            command.Options.Add(option);
        }

        command.Validators.Add(result =>
        {
            var (onCluster, hasFiles) = (result.GetValue(_kubernetes), result.GetValue(config) is { Length: > 0 });
            if (onCluster && hasFiles)
            {
                result.AddError("--kubernetes and --config exclude each other: objects come from a cluster or from files");
            }
            else if (!onCluster && !hasFiles)
            {
                result.AddError("Option '--config' is required: name a directory of manifests, or use --kubernetes");
            }
        });
    }

    /// <summary>The cluster that is meant; null when none is.</summary>
    public async Task<ClusterPlane?> FindAsync(ParseResult parsed, CancellationToken cancellation) => !parsed.GetValue(_kubernetes) ? null : new()
    {
        Connection = await ClusterConnection.FindAsync(new() { Kubeconfig = parsed.GetValue(_kubeconfig), Context = parsed.GetValue(_context) }, cancellation).ConfigureAwait(false),
        // A pod's host name is its own, unless it shares its node's network.
        Replica = Environment.GetEnvironmentVariable("POD_NAME") is { Length: > 0 } pod ? pod : Environment.MachineName,
        CaBundleSecret = parsed.GetRequiredValue(_caBundle),
        DrainDelay = parsed.GetRequiredValue(_drain),
        Webhooks = new()
        {
            Address = parsed.GetRequiredValue(_webhooks),
            EnvoyImage = parsed.GetRequiredValue(_envoyImage),
            InitImage = parsed.GetRequiredValue(_initImage),
            AgentImage = parsed.GetRequiredValue(_agentImage),
            PullPolicy = parsed.GetRequiredValue(_pullPolicy),
            MutatingName = parsed.GetValue(_mutating),
            ValidatingName = parsed.GetValue(_validating),
            BindTokensToAddress = !parsed.GetValue(_anyAddress),
        },
    };
}
