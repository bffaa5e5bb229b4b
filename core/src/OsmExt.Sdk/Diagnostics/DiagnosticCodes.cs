namespace OsmExt.Sdk.Diagnostics;

/// <summary>
/// Every diagnostic's code. Numbers are never reused: 1xxx reading, 2xxx policy, 3xxx generated configuration, 4xxx plugins, 5xxx clusters.
/// </summary>
public static class DiagnosticCodes
{
    /// <summary>A file or directory could not be read.</summary>
    public const string Unreadable = "OSM1001";

    /// <summary>A document is not YAML.</summary>
    public const string Syntax = "OSM1002";

    /// <summary>A field the kind does not have.</summary>
    public const string UnknownField = "OSM1003";

    /// <summary>A value of the wrong type or outside its range.</summary>
    public const string InvalidValue = "OSM1004";

    /// <summary>A field that must be set is missing.</summary>
    public const string MissingField = "OSM1005";

    /// <summary>Two objects with one kind, namespace and name.</summary>
    public const string DuplicateObject = "OSM1006";

    /// <summary>A kind or version nobody reads.</summary>
    public const string UnknownKind = "OSM1007";

    /// <summary>An object in a namespace that is not part of the mesh, or a second configuration object.</summary>
    public const string IgnoredObject = "OSM1008";

    /// <summary>An earlier good version of an object is still in force because the newer one cannot be used.</summary>
    public const string LastGoodKept = "OSM1009";

    /// <summary>A setting that is understood, and that this mesh does not carry out yet.</summary>
    public const string NotCarriedOut = "OSM1010";

    /// <summary>A reference to an object that does not exist.</summary>
    public const string DanglingReference = "OSM2001";

    /// <summary>An access rule that admits nobody.</summary>
    public const string AdmitsNobody = "OSM2002";

    /// <summary>A value the policy language does not allow.</summary>
    public const string InvalidPolicy = "OSM2003";

    /// <summary>Two objects claim the same thing; one of them wins.</summary>
    public const string Conflict = "OSM2004";

    /// <summary>A service port whose protocol the mesh does not carry.</summary>
    public const string UnsupportedProtocol = "OSM2005";

    /// <summary>A traffic split that cannot be carried out as written.</summary>
    public const string SplitNotApplied = "OSM2006";

    /// <summary>A service nobody can be sent to.</summary>
    public const string NoEndpoints = "OSM2007";

    /// <summary>A regular expression Envoy would refuse.</summary>
    public const string InvalidRegex = "OSM2008";

    /// <summary>No configuration object was found; defaults are in force.</summary>
    public const string NoMeshConfig = "OSM2009";

    /// <summary>A root certificate the mesh cannot use as asked.</summary>
    public const string RootNotUsed = "OSM2030";

    /// <summary>A change of roots that waits until every proxy is ready for it.</summary>
    public const string RootChangeWaits = "OSM2031";

    /// <summary>A generated resource breaks a rule of Envoy's API and was left out.</summary>
    public const string InvalidResource = "OSM3001";

    /// <summary>A proxy cannot do what was asked; it was left out or denied.</summary>
    public const string NotOffered = "OSM3002";

    /// <summary>A proxy refused a resource, and no plugin is to blame.</summary>
    public const string RefusedByProxy = "OSM3010";

    /// <summary>A plugin's files cannot be used, or the operator does not grant what it needs; it is not loaded.</summary>
    public const string PluginNotLoaded = "OSM4001";

    /// <summary>A plugin failed: its code threw, took too long or too much memory, or its template cannot be rendered.</summary>
    public const string PluginFailed = "OSM4002";

    /// <summary>What a plugin contributes cannot be used.</summary>
    public const string ContributionRefused = "OSM4003";

    /// <summary>Two contributions claim the same thing; one of them wins.</summary>
    public const string ContributionConflict = "OSM4004";

    /// <summary>Proxies keep the configuration they have, because a plugin they cannot do without failed.</summary>
    public const string ConfigurationHeld = "OSM4005";

    /// <summary>An object of a plugin's kind that changes no proxy.</summary>
    public const string MatchesNothing = "OSM4006";

    /// <summary>An object of a plugin's kind that does not count everywhere it is for, since a more specific one does or a wider one is locked.</summary>
    public const string Overridden = "OSM4007";

    /// <summary>What an object says is lost on the way from the version it is written in to the one its plugin works with.</summary>
    public const string LostInConversion = "OSM4008";

    /// <summary>An object that a plugin cannot convert from the version it is written in to the one it works with.</summary>
    public const string NotConverted = "OSM4009";

    /// <summary>A certificate that is not issued, since the operator has not allowed it or nobody could use it.</summary>
    public const string CertificateRefused = "OSM4010";

    /// <summary>An object of a plugin's kind that names somebody in another namespace, where nothing allows it to; it does not count.</summary>
    public const string ReferenceNotGranted = "OSM4014";

    /// <summary>A new version of a plugin that something went wrong with, so that the version before is in force again for all proxies.</summary>
    public const string RolloutHalted = "OSM4016";

    /// <summary>An object that does not count, since a rule of its kind refuses it.</summary>
    public const string AdmissionRefused = "OSM4011";

    /// <summary>A Secret that a plugin's object names cannot be used.</summary>
    public const string SecretNotUsable = "OSM4019";

    /// <summary>Envoy refused what a plugin contributes; it is in quarantine until it changes.</summary>
    public const string ContributionQuarantined = "OSM4020";

    /// <summary>Objects that were there are missing from what the API server says, and stay in force until that is sure.</summary>
    public const string ListDoubted = "OSM4021";

    /// <summary>Objects of a kind cannot be read from the cluster.</summary>
    public const string ClusterNotRead = "OSM5001";

    /// <summary>A pod that cannot have a sidecar, or cannot have the one that is asked for.</summary>
    public const string NotInjected = "OSM5020";

    /// <summary>A request of the API server's to a webhook that cannot be understood.</summary>
    public const string MalformedReview = "OSM5021";

    /// <summary>An object that cannot be converted to the version that is asked for.</summary>
    public const string VersionNotConverted = "OSM5022";
}
