namespace OsmExt.Testing.ApiServer.Tests.Authorization;

public class EnforcementTests
{
    private const string Rbac = "/apis/rbac.authorization.k8s.io/v1";

    [Fact]
    public async Task Requests_are_refused_in_Kubernetes_words()
    {
        await using var server = await ApiServer.StartAsync();
        using var ann = new ApiClient(server, "ann");
        var reply = (await ann.GetAsync("/api/v1/namespaces/default/pods")).Expect(403);
        Assert.Equal("pods is forbidden: User \"ann\" cannot list resource \"pods\" in API group \"\" in the namespace \"default\"", reply.Message);
        Assert.Equal("deployments.apps \"web\" is forbidden: User \"ann\" cannot get resource \"deployments\" in API group \"apps\" in the namespace \"default\"",
            (await ann.GetAsync("/apis/apps/v1/namespaces/default/deployments/web")).Expect(403).Message);
        Assert.Equal("nodes is forbidden: User \"ann\" cannot list resource \"nodes\" in API group \"\" at the cluster scope", (await ann.GetAsync("/api/v1/nodes")).Expect(403).Message);
        (await ann.GetAsync("/apis")).Expect(200);
    }

    [Fact]
    public async Task Nobody_grants_what_they_do_not_have()
    {
        await using var server = await ApiServer.StartAsync();
        using var admin = new ApiClient(server);
        using var ann = new ApiClient(server, "ann");
        (await admin.PostAsync($"{Rbac}/namespaces/default/roles", "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: roles}, rules: [{apiGroups: [rbac.authorization.k8s.io], resources: [roles, rolebindings], verbs: [create]}, {apiGroups: [''], resources: [pods], verbs: [get]}]}")).Expect(201);
        (await admin.PostAsync($"{Rbac}/namespaces/default/rolebindings", "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: roles}, roleRef: {kind: Role, name: roles}, subjects: [{kind: User, name: ann}]}")).Expect(201);
        (await ann.PostAsync($"{Rbac}/namespaces/default/roles", Role("a", "get"))).Expect(201);
        Assert.Equal(
            "roles.rbac.authorization.k8s.io \"b\" is forbidden: user \"ann\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"get\" \"delete\"]}",
            (await ann.PostAsync($"{Rbac}/namespaces/default/roles", Role("b", "get, delete"))).Expect(403).Message);
        (await ann.PostAsync($"{Rbac}/namespaces/default/rolebindings", "{apiVersion: rbac.authorization.k8s.io/v1, kind: RoleBinding, metadata: {name: up}, roleRef: {kind: ClusterRole, name: cluster-admin}, subjects: [{kind: User, name: ann}]}")).Expect(403);

        static string Role(string name, string verbs) => $"{{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {{name: {name}}}, rules: [{{apiGroups: [''], resources: [pods], verbs: [{verbs}]}}]}}";
    }

    [Fact]
    public async Task Reviews_answer_what_enforcement_would()
    {
        await using var server = await ApiServer.StartAsync();
        using var admin = new ApiClient(server);
        var review = (await admin.PostAsync("/apis/authorization.k8s.io/v1/subjectaccessreviews",
            "{apiVersion: authorization.k8s.io/v1, kind: SubjectAccessReview, spec: {user: ann, groups: ['system:authenticated'], nonResourceAttributes: {verb: get, path: /api}}}")).Expect(201);
        Json.Same(Json.Of("{allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding \"system:discovery\" of ClusterRole \"system:discovery\" to Group \"system:authenticated\"'}"), review.Body["status"]);
        using var ann = new ApiClient(server, "ann");
        var own = (await ann.PostAsync("/apis/authorization.k8s.io/v1/selfsubjectaccessreviews", "{spec: {resourceAttributes: {verb: get, resource: pods, namespace: default}}}")).Expect(201);
        Json.Same(Json.Of("{allowed: false}"), own.Body["status"]);
    }
}
