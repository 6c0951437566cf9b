"""Users who are registered and become members of a project, on the embedded server."""

SERVER = "local"


def shown(user):
    return [
        [user.email, user.first_name, user.last_name, user.account_type, user.status],
        [user.max_num_projects, user.num_active_projects, user.roles, user.two_factor],
    ]


def run(project, step, config):
    import hopsworks

    users = hopsworks.get_users_api()
    step("owner", lambda: [shown(user) for user in users.get_users()])
    step("register", lambda: shown(users.register_user("bob@example.com", "Bob", "Jones")))
    step(
        "register another",
        lambda: shown(
            users.register_user(
                "eve@example.com", "Eve", "Ray", "s3cr3t-Word", 3, "HOPS_USER", "VERIFIED_ACCOUNT"
            )
        ),
    )
    step(
        "register again",
        lambda: users.register_user("bob@example.com", "Bob", "Jones"),
        error="RestAPIError",
    )
    bob = users.get_user_by_email("bob@example.com")
    eve = users.get_user_by_email("eve@example.com")
    step("find", lambda: shown(users.get_user(bob.id)))
    step("missing", lambda: users.get_user(987654))
    step("activate", lambda: shown(users.activate_user(eve.id)))
    step("update", lambda: shown(users.update_user(bob.id, 7)))
    step("promote", lambda: shown(users.set_role(bob.id, "HOPS_ADMIN")))
    step("add", lambda: project.add_member("bob@example.com", "Observer").role)
    step(
        "add a stranger",
        lambda: project.add_member("x@example.com", "Observer"),
        error="RestAPIError",
    )
    members = project.get_members_api()
    step(
        "add some",
        lambda: [m.role for m in members.add_members({"eve@example.com": "Data scientist"})],
    )
    step("members", lambda: sorted([m.email, m.role] for m in project.get_members()))
    step("role", lambda: members.update_role("bob@example.com", "Data scientist").role)
    step(
        "role of the owner",
        lambda: members.update_role(project.owner, "Observer"),
        error="RestAPIError",
    )
    step("remove", lambda: members.remove_member("bob@example.com"))
    step("remove again", lambda: members.remove_member("bob@example.com"), error="RestAPIError")
    step("left", lambda: sorted(member.email for member in project.get_members()))
    step("reject", lambda: shown(users.reject_user(eve.id)))
    step("delete", lambda: users.delete_user(bob.id))
    step("deleted", lambda: users.get_user(bob.id))
